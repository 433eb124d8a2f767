"""Kitchen and pantry."""

from signals.simulator.assortment.spec import GLAZED, SubCategory

KITCHEN = (
    SubCategory(
        category="Kitchen",
        name="Mugs",
        code="mug",
        price=11.5,
        titles=(
            "{name} {color} {pattern} {material} Mug",
            "{color} {pattern} {material} Mug with {feature}",
            "{name} {pattern} {material} Mug",
        ),
        openings=(
            "This {material} mug from {brand} holds a generous morning drink.",
            "{brand} shapes every {material} mug by hand, so no two are quite alike.",
        ),
        uses=(
            "The handle has room for three fingers.",
            "It comes out of the dishwasher looking as it went in.",
            "Its weight keeps it steady on a crowded desk.",
            "People always ask about the {feature}.",
        ),
        details={
            "material": ("Stoneware", "Porcelain", "Earthenware", "Enamel"),
            "feature": ("Cork Base", "Thumb Rest", "Wide Rim", "Curved Handle", "Silicone Lid"),
        },
        complements=("coffee", "tea"),
        patterns=GLAZED,
    ),
    SubCategory(
        category="Kitchen",
        name="Teapots",
        code="teapot",
        price=32.0,
        titles=("{name} {color} {material} Teapot", "{color} {pattern} {material} Teapot with {feature}"),
        openings=(
            "A pot for the table from {brand}, in {material}, that pours without a drip.",
            "This {material} teapot keeps a second cup warm.",
        ),
        uses=(
            "The lid stays put when you tip it.",
            "Fill it to the shoulder and it serves the whole table.",
            "We like it best for the {feature}.",
            "Rinse it by hand and dry it with the lid off.",
        ),
        details={
            "material": ("Stoneware", "Porcelain", "Cast Iron", "Glass"),
            "feature": ("Lift-Out Infuser", "Drip-Free Spout", "Bamboo Handle", "Locking Lid"),
        },
        complements=("tea", "mug"),
        patterns=GLAZED,
        sizes={"600 ml": 1.0, "1 litre": 1.3},
    ),
    SubCategory(
        category="Kitchen",
        name="Bowls",
        code="bowl",
        price=14.0,
        titles=("{name} {color} {pattern} {material} Bowl", "{color} {material} Bowl with {feature}"),
        openings=(
            "This {material} bowl by {brand} goes from the oven to the table.",
            "A deep {material} bowl for porridge, soup or fruit.",
        ),
        uses=(
            "It stacks neatly with others of its size.",
            "The foot is ground smooth, so it will not mark a table.",
            "You will be glad of the {feature} every day.",
            "Chips are rare and the glaze does not craze.",
        ),
        details={
            "material": ("Stoneware", "Porcelain", "Acacia Wood", "Bamboo"),
            "feature": ("Pouring Lip", "Raised Foot", "Matching Lid", "Wide Rim"),
        },
        complements=("mug", "teapot"),
        patterns=GLAZED,
        sizes={"15 cm": 1.0, "22 cm": 1.5, "28 cm": 2.1},
    ),
    SubCategory(
        category="Kitchen",
        name="Saucepans",
        code="pan",
        price=39.0,
        titles=("{name} {color} {material} Saucepan", "{color} {material} Saucepan with {feature}"),
        openings=(
            "{brand} makes this {material} saucepan for people who cook most evenings.",
            "This {material} pan heats evenly from edge to edge.",
        ),
        uses=(
            "It works on every hob, induction too.",
            "Small things matter, such as the {feature}.",
            "Sauces lift off with a wooden spoon and warm water.",
            "A long handle keeps your hand clear of the steam.",
        ),
        details={
            "material": ("Aluminium", "Stainless Steel", "Cast Iron", "Copper"),
            "feature": ("Glass Lid", "Stay-Cool Handle", "Pouring Lip", "Measuring Marks"),
        },
        complements=("bowl",),
        sizes={"16 cm": 1.0, "20 cm": 1.35},
    ),
)

PANTRY = (
    SubCategory(
        category="Pantry",
        name="Coffee",
        code="coffee",
        price=8.9,
        titles=("{name} {roast} Roast {form} Coffee", "{origin} {form} Coffee, {roast} Roast, {flavour}"),
        openings=(
            "{brand} roasts this coffee from {origin} in small drums twice a week.",
            "A {roast} roast from {origin} with a note of {flavour}.",
        ),
        uses=(
            "It is as good in a cafetiere as in a moka pot.",
            "The bag closes again and keeps the aroma in.",
            "Growers are paid above the market price.",
            "Drink it within a month of opening.",
        ),
        details={
            "origin": ("Ethiopia", "Colombia", "Brazil", "Guatemala", "Kenya", "Sumatra"),
            "roast": ("Light", "Medium", "Dark"),
            "form": ("Whole Bean", "Ground"),
            "flavour": ("Cocoa", "Red Berries", "Hazelnut", "Caramel", "Citrus"),
        },
        complements=("mug", "chocolate"),
        sizes={"250 g": 1.0, "500 g": 1.85, "1 kg": 3.4},
        shows_color=False,
        consumable=True,
    ),
    SubCategory(
        category="Pantry",
        name="Tea",
        code="tea",
        price=6.4,
        titles=("{name} {leaf} Tea with {flavour}", "{brand} {name} {leaf} Tea"),
        openings=(
            "{brand} blends this {leaf} tea for an easy afternoon.",
            "A {leaf} tea lifted by {flavour}, packed the week it is blended.",
        ),
        uses=(
            "Steep it for three minutes and no longer.",
            "The bags are plant-based and go on the compost.",
            "It takes milk well, though it needs none.",
            "Keep the tin away from spices.",
        ),
        details={
            "leaf": ("Black", "Green", "White", "Oolong", "Herbal"),
            "flavour": ("Bergamot", "Peppermint", "Ginger", "Jasmine", "Lemon", "Apple"),
        },
        complements=("mug", "teapot"),
        sizes={"20 bags": 1.0, "50 bags": 2.1, "100 bags": 3.6},
        shows_color=False,
        consumable=True,
    ),
    SubCategory(
        category="Pantry",
        name="Chocolate",
        code="chocolate",
        price=4.6,
        titles=("{name} {kind} Chocolate with {flavour}", "{brand} {name} {kind} Chocolate Bar"),
        openings=(
            "A {kind} chocolate bar that snaps cleanly, by {brand}.",
            "{brand} grinds the beans for two days to make this {kind} chocolate.",
        ),
        uses=(
            "The {flavour} comes through at the end.",
            "It melts slowly and is not too sweet.",
            "Wrapped in paper that can be recycled.",
            "Break off a square after dinner.",
        ),
        details={
            "kind": ("Dark", "Milk", "White", "Ruby"),
            "flavour": ("Sea Salt", "Orange", "Almond", "Raspberry", "Ginger", "Mint"),
        },
        complements=("coffee", "candle"),
        sizes={"80 g": 1.0, "180 g": 2.0},
        shows_color=False,
        consumable=True,
    ),
)
