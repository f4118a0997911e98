#include <assert.h>
#include "add.h"
int main(void) {
    assert(add(1, 2) == 3);
    return 0;
}
