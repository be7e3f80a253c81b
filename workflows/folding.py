"""Vietnamese text for searching and for ordering: what people type without diacritics, and the
order of the Vietnamese alphabet as text that any database sorts byte by byte. No Django here."""

import re
import unicodedata

# Tones in the order of Vietnamese dictionaries: none, huyền, hỏi, ngã, sắc, nặng. The characters
# stand below digits and letters, so that a shorter syllable comes before a longer one.
_LEVEL_TONE = "!"
_TONES = {"\u0300": '"', "\u0309": "#", "\u0303": "$", "\u0301": "%", "\u0323": "&"}

# The letters after a, d, e, o, u: {  and | stand above z, so that ă comes after every "a…".
_LETTERS = {
    ("a", "\u0306"): "a{",
    ("a", "\u0302"): "a|",
    ("e", "\u0302"): "e{",
    ("o", "\u0302"): "o{",
    ("o", "\u031b"): "o|",
    ("u", "\u031b"): "u{",
}
_PIECE = re.compile(r"[0-9]+|[^\W\d_]+|\d+")


def fold(text: str) -> str:
    """Give `text` as people type it in a hurry: lower case, no diacritics (đ is d), words divided
    by one space, punctuation gone."""
    plain = "".join(
        letter for letter in _decomposed(text) if not unicodedata.combining(letter)
    ).replace("đ", "d")
    return " ".join(re.findall(r"[^\W_]+", plain))


def sort_key(name: str) -> str:
    """Give a key whose plain order is the order of Vietnamese dictionaries: syllable by syllable,
    letters first (a ă â b c d đ e ê …), then the tone. Numbers inside count as numbers."""
    composed = unicodedata.normalize("NFC", name.casefold())
    words = re.findall(r"[^\W_]+", composed)
    return " ".join(_syllable_key(word) for word in words)


def person_sort_key(full_name: str) -> str:
    """Give the key by which lists of persons are ordered: the given name, which is the last word,
    then family and middle names as they stand."""
    words = full_name.split()
    return sort_key(" ".join(words[-1:] + words[:-1]))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


def _syllable_key(word: str) -> str:
    tone = _LEVEL_TONE
    pieces: list[str] = []
    for piece in _PIECE.findall(word):
        if piece.isdecimal():
            pieces.append(_number_key(piece))
            continue
        letters, own_tone = _letters_and_tone(piece)
        pieces.append(letters)
        tone = own_tone or tone
    return "".join(pieces) + tone


def _number_key(digits: str) -> str:
    plain = str(int(digits))
    # The length in front makes 2 come before 10; numbers of ten digits and more stay together.
    return f"{min(len(plain), 9)}{plain}"


def _letters_and_tone(piece: str) -> tuple[str, str]:
    letters: list[str] = []
    tone = ""
    for mark in _decomposed(piece):
        if mark in _TONES:
            tone = _TONES[mark]
        elif letters and (letters[-1], mark) in _LETTERS:
            letters[-1] = _LETTERS[letters[-1], mark]
        elif mark == "đ":
            letters.append("d{")
        elif not unicodedata.combining(mark):
            letters.append(mark)
    return "".join(letters), tone
