"""How shoppers put their requests: one way on the development half, other ways on the half that is held out.

The held-out ways were written down before they were first asked, and neither they nor the engine were changed after.
"""

from collections.abc import Mapping
from typing import Final

DEVELOPMENT, HELD_OUT = "development", "held out"

FRAMES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    DEVELOPMENT: {
        "set": (
            "a {one} and {counted} under {money} together",
            "I need a {one} and {counted}, in total at most {money}",
            "a {one} plus {counted} for up to {money} altogether",
            "looking for a {one} and {counted}, both for less than {money}",
        ),
        "cheap": (
            "the cheapest {word} that is well liked",
            "a popular {word}, as cheap as possible",
            "a {word} that people like, as cheap as possible please",
        ),
        "value": ("the best value {word}", "a {word} that is good value for money"),
        "price": ("a {} under {}", "{} up to {} please", "I want a {} for at most {}"),
        "complement": ("something to go with my {}", "what goes well with my {}?", "I want something to match my {}"),
        "colour": ("{colour} {kind} for {people}",),
        "word": ("a {}", "do you have a {}?", "{}"),
    },
    HELD_OUT: {
        "set": (
            "could you put together a {one} and {counted} for no more than {money}?",
            "I've got {money} in total, I would like a {one} and {counted}",
            "a {one}, {counted}, max {money} for everything",
            "I am after a {one} and {counted}; the two should stay below {money}",
        ),
        "cheap": (
            "which {word} do customers like that is not too expensive? the cheapest please",
            "an inexpensive {word} that sells well",
            "a bestselling {word} at the lowest price",
            "what is your cheapest {word} that lots of people buy?",
        ),
        "value": ("which {word} is the best value?", "a {word} with good value for the money"),
        "price": (
            "do you sell a {} below {}?",
            "show me a {} that costs no more than {}",
            "{}, my limit is {}",
            "looking for a {} for less than {}",
        ),
        "complement": (
            "what would go with my {}?",
            "I already have a {}, what goes with it?",
            "I bought a {} last week. Is there anything that would go well with that?",
            "please help me find something that matches my {}",
        ),
        "colour": ("I'd like {colour} {kind} for {people}", "any {kind} for {people} in {colour}?"),
        "word": ("I need a {}", "could you show me a {}", "looking for a nice {}"),
    },
}
