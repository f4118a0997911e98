"""Names of keys, and what pressing them is in a window, on a terminal and on a page.

Names are those of the DOM's ``KeyboardEvent.key``, in any case, with the words people use for them beside: ``Enter`` or
``Return``, ``Left`` or ``ArrowLeft``, ``Ctrl+C``. One character is itself.
"""

from __future__ import annotations

from dataclasses import dataclass


class UnknownKey(ValueError):
    """There is no key of that name."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, with what is held down meanwhile.

    Attributes:
        name: the DOM's name, without modifiers.
        keysym: X11's name.
        terminal: what a terminal sends.
        code: the DOM's ``KeyboardEvent.code``.
        number: Windows' number of the key, which Chromium wants.
        text: what it writes; empty for a key that writes nothing.
        modifiers: of ``ctrl``, ``alt``, ``shift``.
    """

    name: str
    keysym: str
    terminal: str
    code: str
    number: int
    text: str = ""
    modifiers: tuple[str, ...] = ()


_NAMED = (
    Key("Enter", "Return", "\r", "Enter", 13, "\r"),
    Key("Tab", "Tab", "\t", "Tab", 9, "\t"),
    Key("Escape", "Escape", "\x1b", "Escape", 27),
    Key("Backspace", "BackSpace", "\x7f", "Backspace", 8),
    Key("Delete", "Delete", "\x1b[3~", "Delete", 46),
    Key("Insert", "Insert", "\x1b[2~", "Insert", 45),
    Key(" ", "space", " ", "Space", 32, " "),
    Key("ArrowLeft", "Left", "\x1b[D", "ArrowLeft", 37),
    Key("ArrowUp", "Up", "\x1b[A", "ArrowUp", 38),
    Key("ArrowRight", "Right", "\x1b[C", "ArrowRight", 39),
    Key("ArrowDown", "Down", "\x1b[B", "ArrowDown", 40),
    Key("Home", "Home", "\x1b[H", "Home", 36),
    Key("End", "End", "\x1b[F", "End", 35),
    Key("PageUp", "Prior", "\x1b[5~", "PageUp", 33),
    Key("PageDown", "Next", "\x1b[6~", "PageDown", 34),
)
_FUNCTION = ("OP", "OQ", "OR", "OS", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~", "[23~", "[24~")
_SAME = {
    "return": "enter", "esc": "escape", "space": " ", "spacebar": " ", "left": "arrowleft", "right": "arrowright",
    "up": "arrowup", "down": "arrowdown", "del": "delete", "pgup": "pageup", "pgdn": "pagedown", "page up": "pageup",
    "page down": "pagedown", "bksp": "backspace",
}  # fmt: skip
_HELD = {"ctrl": "ctrl", "control": "ctrl", "alt": "alt", "shift": "shift", "option": "alt"}
_KEYS = {key.name.lower(): key for key in _NAMED} | {
    f"f{number}": Key(f"F{number}", f"F{number}", f"\x1b{sent}", f"F{number}", 111 + number)
    for number, sent in enumerate(_FUNCTION, 1)
}
_KEYSYMS = {
    "!": "exclam", '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent", "&": "ampersand",
    "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equal", ">": "greater",
    "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash", "]": "bracketright", "^": "asciicircum",
    "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright", "~": "asciitilde", " ": "space",
}  # fmt: skip


def parse(name: str) -> Key:
    """The key called ``name``.

    Raises:
        UnknownKey: there is none.
    """
    *held, last = name.split("+") if len(name.strip()) > 1 and not name.endswith("+") else [name]
    try:
        modifiers = tuple(dict.fromkeys(_HELD[word.strip().lower()] for word in held))
    except KeyError as error:
        raise UnknownKey(f"there is no key {name!r}: write Enter, Left, Space, F1, Ctrl+C or one character") from error
    key = _plain(last)
    return _with(key, modifiers) if modifiers else key


def keysym(character: str) -> str:
    """X11's name of what writes ``character``."""
    return _KEYSYMS.get(character) or (character if character.isascii() else f"U{ord(character):04X}")


def _plain(name: str) -> Key:
    if len(name) == 1 and name.isprintable() and name != " ":
        code = f"Key{name.upper()}" if name.isascii() and name.isalpha() else f"Digit{name}" if name.isdigit() else ""
        number = ord(name.upper()) if name.isascii() and name.isalnum() else 0
        return Key(name, keysym(name), name, code, number, name)
    wanted = name.lower() if name == " " else name.strip().lower()
    found = _KEYS.get(_SAME.get(wanted, wanted))
    if found is None:
        raise UnknownKey(f"there is no key {name!r}: write Enter, Left, Space, F1, Ctrl+C or one character")
    return found


def _with(key: Key, modifiers: tuple[str, ...]) -> Key:
    sent = key.terminal
    if "shift" in modifiers:
        sent = "\x1b[Z" if sent == "\t" else sent.upper() if len(sent) == 1 else sent
    if "ctrl" in modifiers and len(sent) == 1:
        sent = chr(ord(sent.upper()) & 0x1F)
    if "alt" in modifiers:
        sent = f"\x1b{sent}"
    text = "" if set(modifiers) - {"shift"} else key.text.upper()
    return Key(key.name, key.keysym, sent, key.code, key.number, text, modifiers)
