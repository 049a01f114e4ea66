# SPDX-License-Identifier: ISC
"""Streams as full-screen programs print them, but in every order: `generate(seed)` is the same
each time. A stream is its size and a list of bytes and, where its window changes, sizes."""

import random

PLAIN = "\x1b(B\x1b)B\x0f"
WORDS = "the quick brown fox jumps over lazy dogs while sphinx judges quartz".split()
WIDE = ["漢字", "한국어", "日本", "ｆｕｌｌ", "中"]
COMBINED = ["e\u0301", "n\u0303o", "u\u0308ber", "a\u030a\u0323", "\u0915\u094d"]
ODD = ["é", "ü", "─│┌┐└┘├┤", "☺", "→", "█▓▒░", "\u00a0", "ß"]


class Stream:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.rows, self.cols = self.r.choice([(24, 80)] * 4 + [(50, 132), (10, 40), (25, 80)])
        self.size = self.rows, self.cols
        self.parts = [b""]
        self.is_alternate = self.was_alternate = self.is_over = False
        self.has_region = self.has_tabs = self.has_reverse = False

    def put(self, text):
        self.parts[-1] += text.encode()

    def n(self, most):
        """Mostly small; absent as often as not."""
        return self.r.choice(["", "", "1", "2", "3", str(self.r.randint(1, most)), "0", "999"])

    def row(self):
        return self.r.randint(1, self.rows)

    def col(self):
        return self.r.choice([1, self.cols, self.cols - 1, self.r.randint(1, self.cols)])

    # -- what programs do --

    def text(self):
        self.put(" ".join(self.r.choices(WORDS, k=self.r.randint(1, 6))))

    def long_text(self):
        self.put(" ".join(self.r.choices(WORDS, k=self.r.randint(10, 60))))

    def line(self):
        self.text()
        self.put(self.r.choice(["\r\n", "\r\n", "\n", "\r"]))

    def lines(self):
        for _ in range(self.r.randint(2, 40)):
            self.line()

    def wide(self):
        self.put("".join(self.r.choices(WIDE + WORDS[:3], k=self.r.randint(1, 8))))

    def combined(self):
        self.put("".join(self.r.choices(COMBINED + ["x", " "], k=self.r.randint(1, 6))))

    def odd(self):
        self.put("".join(self.r.choices(ODD, k=self.r.randint(1, 5))))

    def move(self):
        self.put(self.r.choice([
            f"\x1b[{self.row()};{self.col()}H", f"\x1b[{self.row()};{self.col()}f", "\x1b[H",
            f"\x1b[{self.row()}d", f"\x1b[{self.col()}G", f"\x1b[{self.col()}`",
            f"\x1b[{self.row()}H", f"\x1b[;{self.col()}H"]))

    def step(self):
        self.put(f"\x1b[{self.n(9)}{self.r.choice('ABCDEFae')}")

    def control(self):
        # With mode 45 xterm.js goes back over the start of a row that wrapped, xterm of any, VTE of none.
        back = "" if self.has_reverse else "\b"
        self.put(self.r.choice(["\r", "\n", back, back * 2, "\t", "\t\t", "\v", "\f", "\a", "\r\n\n"]))

    def index(self):
        self.put(self.r.choice(["\x1bD", "\x1bM", "\x1bM\x1bM", "\x1bE"]))

    def edge(self):
        """The last column, and what comes after it."""
        self.put(f"\x1b[{self.row()};{self.cols - self.r.randint(0, 2)}H")
        self.put(self.r.choice(["ab", "abc", "x", "漢", "a漢", "abcd\b\b"]))
        self.r.choice([self.control, self.text, self.style, self.erase, self.step, self.save])()

    def erase(self):
        # At a cursor that waits to wrap xterm.js erases nothing; it is in the last column (ECMA-48
        # 8.3.41: "including the active position"). A step to the right ends the waiting.
        self.put("\x1b[C")
        self.put(self.r.choice(["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[0J",
                                f"\x1b[{self.n(20)}X", "\x1b[2J", "\x1b[0K"]))

    def shift(self):
        self.put(f"\x1b[{self.n(12)}{self.r.choice('@PLM')}")

    def scroll(self):
        count, way = self.n(5), self.r.choice("ST")
        # The rows that come free get the background (xterm's terminfo: bce); T's do not in xterm.js.
        self.put(("\x1b[49m" if way == "T" else "") + f"\x1b[{count}{way}")

    def region(self):
        top = self.r.randint(1, self.rows - 1)
        self.put(self.r.choice(["\x1b[r", f"\x1b[{top};{self.r.randint(top + 1, self.rows)}r",
                                f"\x1b[{top}r", f"\x1b[;{self.row()}r", f"\x1b[{top};{self.rows + 5}r"]))
        self.has_region = True
        self.r.choice([self.move, self.index, self.line, self.lines])()

    def colour(self, base):
        return self.r.choice([f"{base + self.r.randint(0, 7)}", f"{base + 60 + self.r.randint(0, 7)}",
                              f"{base + 8};5;{self.r.randint(0, 255)}", f"{base + 9}",
                              f"{base + 8};2;{self.r.randint(0, 255)};{self.r.randint(0, 255)};7",
                              f"{base + 8}:2::1:{self.r.randint(0, 255)}:3", f"{base + 8}:5:77"])

    def style(self):
        some = self.r.choices(["1", "2", "3", "4", "5", "7", "8", "9", "22", "23", "24", "25", "27", "28",
                               "29", "0", self.colour(30), self.colour(40), self.colour(30)],
                              k=self.r.randint(1, 3))
        self.put(self.r.choice(["\x1b[m", "\x1b[0m", f"\x1b[{';'.join(some)}m", f"\x1b[{';'.join(some)}m"]))

    def odd_style(self):
        self.put(f"\x1b[{self.r.choice(['21', '4:0', '4:1', '4:2', '4:3', '53', '55', '0;1;4;7', '7;7', ';1'])}m")

    def drawing(self):
        self.put(self.r.choice(["\x1b(0lqqqk\x1b(B", "\x1b)0\x0etqqu\x0f", "\x1b(0mqj x\x1b(Bab", "\x1b(0~y`\x1b(B",
                                "\x1b(0", "\x1b(B", "\x0e", "\x0f", "\x1b)0", "\x1b)B", "\x0exqx\x0f"]))

    def box(self):
        height, width = self.r.randint(3, min(9, self.rows)), self.r.randint(8, min(30, self.cols))
        y, x = self.r.randint(1, self.rows - height + 1), self.r.randint(1, self.cols - width + 1)
        self.put(f"\x1b[{self.colour(30)};{self.colour(40)}m")
        old = self.r.random() < 0.5
        a, b, c, d, e, f = "lqkxmj" if old else "┌─┐│└┘"
        for i in range(height):
            line = a + b * (width - 2) + c if i == 0 else e + b * (width - 2) + f if i == height - 1 \
                else d + " " * (width - 2) + d
            self.put(f"\x1b[{y + i};{x}H" + ("\x1b(0" if old else "") + line + ("\x1b(B" if old else ""))
        self.put(f"\x1b[7m\x1b[{y + 1};{x + 2}H{self.r.choice(WORDS)}\x1b[m")

    def tabs(self):
        self.has_tabs = True
        self.put(self.r.choice([f"\x1b[{self.col()}G\x1bH", "\x1b[g", "\x1b[3g", f"\x1b[{self.n(3)}I", f"\x1b[{self.n(3)}Z",
                                "\r\t|\t|\t|", "\ta\tb"]))

    def wrap(self):
        """Without it xterm.js waits to wrap all the same, should that be switched on again, and
        prints over the second half of a wide character but leaves the first."""
        self.put("\r\x1b[?7l")
        for _ in range(self.r.randint(1, 3)):
            self.r.choice([self.text, self.long_text, self.move, self.style])()
        self.put("\r\x1b[?7h" if not self.is_over else "\r")

    def insert(self):
        self.put("\x1b[4h")
        self.r.choice([self.text, self.wide, self.edge, self.style])()
        self.put(self.r.choice(["\x1b[4l", "\x1b[4l", ""]))

    def origin(self):
        """Only addresses, and no steps: xterm.js adds the region's first row to those as well."""
        self.put("\x1b[?6h")
        for _ in range(self.r.randint(1, 4)):
            self.put(f"\x1b[{self.row()};{self.col()}{self.r.choice('Hf')}")
            self.r.choice([self.text, self.line, self.save, self.style])()
        self.put("\x1b[?6l" if not self.is_over else "")

    def save(self):
        # The rendition is part of what is saved (DEC STD 070); xterm.js forgets how it underlines.
        self.put("\x1b[24m" + self.r.choice(["\x1b7", "\x1b[s", "\x1b[?1048h"]))

    def restore(self):
        # Character sets are part of what is restored (DEC STD 070); xterm.js has but the one in use.
        # A cursor that waited to wrap does so again (xterm, VTE), in xterm.js it does not.
        self.put(self.r.choice(["\x1b8", "\x1b[u", "\x1b[?1048l"]) + PLAIN + "\x1b[C")

    def alternate(self):
        how = self.r.choice(["1049", "1049", "1047", "47"])
        # xterm and VTE have one scroll region and one set of tab stops, xterm.js one for each screen.
        if self.has_tabs:
            return
        self.put("\x1b[24m" + ("\x1b[r" if self.has_region else ""))
        self.has_region = False
        if self.is_alternate:
            self.put(self.r.choice(["", "\x1b[2J"]) + f"\x1b[?{how}l{PLAIN}\x1b[C")
        else:
            self.put(f"\x1b[?{how}h" + self.r.choice(["\x1b[H\x1b[2J", "\x1b[2J", ""]))
        self.is_alternate = not self.is_alternate
        self.was_alternate = True

    def alignment(self):
        # DECALN ends a region (VT510's manual), but not in xterm.js; nor has xterm the E's underlined.
        self.put("\x1b[m\x1b[r\x1b#8")

    def repeat(self):
        self.put(self.r.choice("-=x漢") + f"\x1b[{self.n(40)}b")

    def mode(self):
        which = self.r.choice([
            "[?1h", "[?1l", "=", ">", "[?25l", "[?25h", "[?2004h", "[?2004l", "[?12h", "[?12l", "[?1004h",
            "[?1004l", "[?1000h", "[?1002h", "[?1003h", "[?1000l", "[?1003l", "[?1006h", "[?1006l",
            "[?1000;1006h", "[?1002;1006l", "[?45h", "[?45l", "[20h", "[20l", "[?1h\x1b=", "[?1l\x1b>",
            "[2 q", "[5 q", "[0 q", "]0;a title\x07", "]2;another\x1b\\", "[?2026h", "[?2026l"])
        self.has_reverse |= which == "[?45h"
        self.put("\x1b" + which)

    def reset(self):
        if self.r.random() < 0.3:
            # RIS makes all as it was when switched on (VT510's manual); in xterm.js these stay.
            self.put("\x1b[20l\x1b[?25h\x1bc")
            self.is_alternate = self.has_region = self.has_tabs = False
        else:
            # The VT510's manual has a list for DECSTR; xterm.js resets these besides.
            self.put("\x1b[!p\x1b[?7h\x1b[?45;1004;2004l\x1b[4l\x1b>\x1b[0 q")

    def ask(self):
        """Queries, and strings that are no output: nothing of it shows."""
        self.put(self.r.choice(["\x1b[c", "\x1b[6n", "\x1b[>c", "\x1bP+q544e\x1b\\", "\x1b]11;?\x07",
                                "\x1b[18t", "\x1b[?2026$p", "\x1b_Gi=1\x1b\\", "\x1b[5n"]))

    def broken(self):
        """Sequences that are cut off, or nonsense. No bytes that are no UTF-8: xterm.js leaves them
        out, where the Unicode Standard (5.22), xterm and the others have U+FFFD."""
        self.put(self.r.choice(["\x1b[3\x18ab", "\x1b[1;2\x1b[31m", "\x1b[12\r\n;5H", "\x1b[?9999h", "\x1b[=5z",
                                "\x7f\x7f", "\x00\x00", "\x1b]0;half\x18text", "\x1b[1;2;3;4;5;6;7;8H",
                                "\x1b[99999C"]))

    def resize(self):
        # From a cursor that waits to wrap xterm.js goes on in the new columns, others in the last old
        # one; it keeps the top of a region that lies below the new window, and breaks down; and
        # sets tab stops anew that were cleared. If the window became lower since the alternate screen
        # was last on, that has a row of scrollback.
        if self.has_tabs:
            return
        self.put("\x1b[r\r")
        is_behind = self.was_alternate and not self.is_alternate
        self.rows = max(self.rows if is_behind else 5, self.rows + self.r.choice([-8, -3, -1, 0, 2, 6]))
        self.cols = max(20, self.cols + self.r.choice([-20, -5, 0, 10, 30]))
        self.parts += [(self.rows, self.cols), b""]


COMMON = "text line move step style erase control"
# What a stream is made of, by what is left of its seed.
KINDS = [
    COMMON + " shift scroll region index", COMMON + " box drawing alternate move", COMMON + " wide combined odd edge",
    COMMON + " edge wrap insert long_text", COMMON + " origin region save restore", COMMON + " alternate mode save restore lines",
    COMMON + " tabs repeat index alignment", COMMON + " drawing save restore insert mode",
    COMMON + " wide shift edge repeat insert", COMMON + " resize lines box region alternate",
    COMMON + " ask broken mode odd_style", COMMON + " lines lines long_text scroll odd",
    " ".join(n for n in vars(Stream) if n not in ("put", "n", "row", "col", "colour") and n[0] != "_"),
]


def generate(seed):
    s = Stream(seed)
    names = KINDS[seed % len(KINDS)].split()
    for _ in range(s.r.randint(60, 500)):
        getattr(s, s.r.choice(names))()
    s.is_over = True
    getattr(s, s.r.choice(names))()
    return s.size, s.parts
