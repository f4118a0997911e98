#include <cassert>
#include "add.hpp"
int main() { assert(add(0, 0) == 0); return 0; }
