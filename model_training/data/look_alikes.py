"""Letters that may pass for a Latin digit: they are neither trained on nor measured, as digits or as non-digits."""

from __future__ import annotations

LATIN = "OoIlSsZzBbgq"
CYRILLIC = "БбВвЗзОоЧчЬь"
GREEK = "ΒβΖΘθΙιΐίϊΪΛΟοόσφΦδ"
HANGUL = "ㄱㅇㅋㅡㅣ"
KANA = "ろノフワヮ"
CHINESE = "乙丨丿口囗"
THAI = "จรวอ"
ARMENIAN = "ԶՅՉՋՏՑՕ"
HEBREW = "דוזיךןסר"
LOOK_ALIKES = frozenset(LATIN + CYRILLIC + GREEK + HANGUL + KANA + CHINESE + THAI + ARMENIAN + HEBREW)
