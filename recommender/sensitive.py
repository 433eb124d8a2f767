"""Products that say something private of whoever looks at them: health, pregnancy, adult."""

from typing import Final

from recommender.text import fold, word_set

SENSITIVE_WORDS: Final = frozenset(
    fold(word)
    for word in word_set(
        """
        health healthcare medical medicine medication pharmacy prescription antidepressant insulin diabetic diabetes
        incontinence hemorrhoid haemorrhoid antifungal antiviral hiv hepatitis catheter laxative migraine depression
        menopause psoriasis eczema dialysis chemotherapy cancer epilepsy asthma rehab sobriety
        pregnancy pregnant maternity ovulation fertility prenatal miscarriage contraceptive contraception
        adult erotic erotica sex sexual condom lubricant vibrator fetish lingerie
        """
    )
)
"""Folded words of titles, categories and attributes."""
