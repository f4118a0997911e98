#include <iostream>
#include "add.hpp"
int main() { std::cout << add(1, 2) << "\n"; }
