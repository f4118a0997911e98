#include <assert.h>
#include "add.h"
int main(void) { assert(add(0, 0) == 0); return 0; }
