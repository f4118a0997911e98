"""Take much more memory than allowed in one process."""

print("TRIED", flush=True)
held = bytearray(b"x" * (1 << 30))
print("THROUGH", len(held) >> 20, "MiB")
