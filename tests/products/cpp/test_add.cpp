#include <cassert>
#include "add.hpp"
int main() {
    assert(add(1, 2) == 3);
    return 0;
}
