"""Take keyboard, mouse and the whole display for ourselves, and never let go."""

import sys
import time

sys.path.insert(0, "/opt/agentverse-window")
from Xlib import X, display

screen = display.Display()
root = screen.screen().root
window = root.create_window(0, 0, 300, 200, 1, screen.screen().root_depth, background_pixel=0x336699)
window.map()
screen.sync()
print("TRIED", flush=True)
time.sleep(0.5)
root.grab_keyboard(True, X.GrabModeSync, X.GrabModeSync, X.CurrentTime)
root.grab_pointer(True, X.ButtonPressMask, X.GrabModeSync, X.GrabModeSync, 0, 0, X.CurrentTime)
screen.grab_server()
screen.sync()
time.sleep(600)
