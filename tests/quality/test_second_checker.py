"""The second checker is measured itself: it finds nearly all planted lies and flags nearly no true sentence."""

import ast
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from schemas import Availability, EventKind, Money, ProductRow, RankedItem, Reason, ReasonKind, Wishes
from tests.quality import planted
from tests.quality.catalogues import AS_OF, demo_rows, magento_rows, online_retail_rows
from tests.quality.checker import Checker, Evidence, Lexicon
from tests.quality.planted import Planted, figures
from tests.quality.planted_lies import AFTER_A_PRODUCT, LIES
from tests.quality.planted_truths import ASIDE, TUNING

FOLDER = Path(__file__).parent
N_PLANTED = 300


def row(item_id: str, title: str, price: str, **attributes: str) -> ProductRow:
    return ProductRow(
        item_id=item_id,
        variant_id=item_id,
        title=title,
        brand="Acme",
        category=("Kitchen", "Mugs"),
        price=Money(Decimal(price), "GBP"),
        availability=Availability.IN_STOCK,
        attributes={name: (value,) for name, value in attributes.items()},
        as_of=AS_OF,
    )


MUG, CUP = (
    row("mug", "Stoneware Mug", "8.50", color="Red", size="M"),
    row("cup", "Tall Cup", "12", color="Blue", size="30 cm"),
)
BOUGHT = Reason(
    kind=ReasonKind.HISTORY, contribution=1, item_id="x", title="Blue Kettle", event_kind=EventKind.PURCHASE
)
EVIDENCE = Evidence(
    items=[
        RankedItem(item_id="mug", rank=1, score=1, row=MUG, reasons=(BOUGHT,)),
        RankedItem(item_id="cup", rank=2, score=1, row=CUP),
    ],
    messages=("a red mug up to £10",),
    wishes=Wishes(max_price=Money(Decimal(10), "GBP"), attributes={"color": ("Red",)}),
    asked=5,
)
CHECKER = Checker(Lexicon.of([MUG, CUP]))


@pytest.mark.parametrize(
    "truth",
    [
        "Stoneware Mug is £8.50.",
        "Stoneware Mug is a red mug by Acme, in size M.",
        "Stoneware Mug is £3.50 cheaper than Tall Cup.",
        "Stoneware Mug came to mind because you bought Blue Kettle.",
        "Tall Cup is blue, and Stoneware Mug is red.",
        "Stoneware Mug is within your budget.",
        "I looked for something red up to £10.00.",
        "If you like Stoneware Mug, there is Tall Cup, a blue thing (30 cm) by Acme.",
        "Perhaps it is what you have in mind.",
        "Here is what I would put with Tall Cup.",
        "Which of these would you like?",
    ],
)
def test_what_rows_reasons_and_wishes_say_is_left_alone(truth: str) -> None:
    assert CHECKER.check(truth, EVIDENCE) == []


@pytest.mark.parametrize(
    ("lie", "kind"),
    [
        ("Stoneware Mug is £12.00.", "price"),
        ("Stoneware Mug is eight pounds.", "price"),
        ("Stoneware Mug is almost £8.50.", "price"),
        ("Stoneware Mug is blue.", "value"),
        ("Stoneware Mug could be red.", "hedged value"),
        ("Stoneware Mug is not red.", "denied value"),
        ("Stoneware Mug is by red.", "value of another field"),
        ("Stoneware Mug is for children.", "audience"),
        ("Stoneware Mug is for your wife.", "audience"),
        ("Tall Cup is £3.50 cheaper than Stoneware Mug.", "comparison"),
        ("Stoneware Mug is the nicest of them.", "comparison"),
        ("Tall Cup came to mind because you bought Blue Kettle.", "deed"),
        ("You looked at Stoneware Mug.", "deed"),
        ("Your mother has Stoneware Mug.", "deed"),
        ("You asked for Tall Cup.", "wish"),
        ("Everything here is within your budget.", "limit"),
        ("It comes in another colour.", "variants"),
        ("We will keep Stoneware Mug for you.", "service"),
        ("Stoneware Mug comes with a present.", "service"),
        ("Stoneware Mug is sold out.", "stock"),
        ("There is just one of Stoneware Mug.", "number"),
        ("If you like Tall Cup, there is Stoneware Mug, a red thing (30 cm).", "number"),
        ("I wanted to show you love it again.", "deed"),
        ("I would put it aside for you.", "service"),
        ("Stoneware Mug is r\u0435d.", "markup"),
    ],
)
def test_what_nothing_bears_out_is_found(lie: str, kind: str) -> None:
    assert kind in {finding.kind for finding in CHECKER.check(lie, EVIDENCE)}


def test_a_pronoun_is_about_the_product_named_before() -> None:
    assert CHECKER.check("It is waterproof.", EVIDENCE, before="Have a look at Tall Cup.")
    assert CHECKER.check("It is red.", EVIDENCE, before="Have a look at Tall Cup.")
    assert not CHECKER.check("It is blue.", EVIDENCE, before="Have a look at Tall Cup.")


def test_it_shares_no_code_with_what_it_measures() -> None:
    for path in sorted(FOLDER.glob("checker*.py")):
        for module in _imported(path):
            assert module.split(".")[0] not in ("recommender", "signals"), (path.name, module)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_frames_set_aside_are_a_third_of_the_kinds_and_none_is_used_for_tuning() -> None:
    assert not set(ASIDE) & set(TUNING)
    for tuning, aside in (*LIES.values(), *AFTER_A_PRODUCT.values()):
        assert len(aside) * 3 >= len(tuning) + len(aside) - 3
        assert not set(tuning) & set(aside)


@pytest.mark.realdata
def test_planted_lies_are_found_and_true_sentences_left_alone(
    shops: dict[str, Sequence[ProductRow]],
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    truths, lies = _measured(shops, planted.truths), _measured(shops, planted.lies)
    with capsys.disabled():
        sys.stdout.write(f"\n{figures(truths)}\n{figures(lies)}\n")
    flagged, found = _share(truths), _share(lies)
    record_property("lies found", f"{found:.3f}")
    record_property("true sentences flagged", f"{flagged:.3f}")
    assert found >= 0.98
    assert flagged <= 0.02


@pytest.fixture(scope="module")
def shops(data_dir: Path) -> dict[str, Sequence[ProductRow]]:
    return {
        "demo": demo_rows(),
        "magento": magento_rows(data_dir),
        "online_retail": online_retail_rows(data_dir),
    }


def _measured(shops: dict[str, Sequence[ProductRow]], plant: Callable[..., list[Planted]]) -> dict[str, list[bool]]:
    """Of each kind whether its sentences, a third of them from each shop, were flagged."""
    found: dict[str, list[bool]] = defaultdict(list)
    for rows in shops.values():
        checker = Checker(Lexicon.of(rows))
        for sentence in plant(rows, N_PLANTED // len(shops), np.random.default_rng(5), aside=True):
            found[sentence.kind].append(bool(checker.check(sentence.text, sentence.evidence, sentence.before)))
    assert sum(map(len, found.values())) == N_PLANTED
    return found


def _share(found: dict[str, list[bool]]) -> float:
    flags = [flag for each in found.values() for flag in each]
    return sum(flags) / len(flags)
