#include <stdio.h>
#include "add.h"
int main(void) { printf("%d\n", add(1, 2)); }
