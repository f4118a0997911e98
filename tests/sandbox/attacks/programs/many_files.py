"""Make more files than anyone wants to read."""

for number in range(6000):
    with open(f"f{number}", "w"):
        pass
print("TRIED")
