"""Lighting, living and garden."""

from signals.simulator.assortment.spec import GLAZED, WOVEN, SubCategory

LIGHTING = (
    SubCategory(
        category="Lighting",
        name="Table Lamps",
        code="tablelamp",
        price=44.0,
        titles=("{name} {color} {material} Table Lamp", "{color} {pattern} Table Lamp with {feature}"),
        openings=(
            "A table lamp by {brand} with a {material} base and a warm spread of light.",
            "This lamp stands on {material} and lights a page without glare.",
        ),
        uses=(
            "The flex is two metres long.",
            "The shade lifts off for dusting.",
            "We chose it for the {feature}.",
            "It takes a standard screw bulb.",
        ),
        details={
            "material": ("Ceramic", "Brass", "Oak", "Glass"),
            "feature": ("Dimmer", "Linen Shade", "Touch Switch", "Charging Port"),
        },
        complements=("candle", "cushion"),
        patterns=WOVEN,
    ),
    SubCategory(
        category="Lighting",
        name="Floor Lamps",
        code="floorlamp",
        price=92.0,
        titles=("{name} {color} {material} Floor Lamp", "{color} {material} Floor Lamp with {feature}"),
        openings=(
            "This {material} floor lamp from {brand} leans over a reading chair.",
            "A tall {material} lamp that takes up hardly any floor.",
        ),
        uses=(
            "The foot is weighted and does not tip.",
            "The head turns to light a wall or a book.",
            "Most people choose it for the {feature}.",
            "It comes in two parts and needs no tools.",
        ),
        details={
            "material": ("Steel", "Brass", "Oak", "Bamboo"),
            "feature": ("Foot Switch", "Adjustable Arm", "Dimmer", "Tripod Base"),
        },
        complements=("cushion",),
    ),
    SubCategory(
        category="Lighting",
        name="Pendants",
        code="pendant",
        price=55.0,
        titles=("{name} {color} {material} Pendant Light", "{color} {material} Pendant Light with {feature}"),
        openings=(
            "{brand} spins this {material} pendant to hang low over a table.",
            "A {material} pendant that throws its light down and a glow up.",
        ),
        uses=(
            "The cord can be shortened in a minute.",
            "It looks good alone and better in a row of three.",
            "It is finished neatly with the {feature}.",
            "Dust it with a dry cloth.",
        ),
        details={
            "material": ("Enamelled Steel", "Rattan", "Glass", "Paper"),
            "feature": ("Fabric Cord", "Ceiling Rose", "Brass Fitting", "Wide Brim"),
        },
        complements=("tablelamp",),
        sizes={"25 cm": 1.0, "40 cm": 1.45},
    ),
)

LIVING = (
    SubCategory(
        category="Living",
        name="Candles",
        code="candle",
        price=13.0,
        titles=("{name} {scent} {wax} Candle", "{brand} {scent} Candle, {feature}"),
        openings=(
            "{brand} pours this {wax} candle by hand.",
            "A {scent} candle in {wax} that burns clean to the bottom.",
        ),
        uses=(
            "Trim the wick before you light it.",
            "The scent fills a room and stays polite.",
            "The jar makes a good pencil pot afterwards.",
            "Let the top melt evenly the first time.",
        ),
        details={
            "scent": ("Fig", "Cedar", "Lavender", "Sea Salt", "Vanilla", "Tomato Leaf", "Rose", "Amber"),
            "wax": ("Soy Wax", "Beeswax", "Rapeseed Wax"),
            "feature": ("Cotton Wick", "Wooden Wick", "Double Wick"),
        },
        complements=("vase", "chocolate"),
        sizes={"120 g": 1.0, "220 g": 1.6},
        shows_color=False,
        consumable=True,
    ),
    SubCategory(
        category="Living",
        name="Cushions",
        code="cushion",
        price=22.0,
        titles=("{name} {color} {pattern} {material} Cushion", "{color} {pattern} Cushion with {feature}"),
        openings=(
            "A plump {material} cushion from {brand} for the end of the sofa.",
            "This {material} cushion is firm enough to lean on.",
        ),
        uses=(
            "The cover comes off for washing.",
            "It springs back after a long film.",
            "It looks tailored thanks to the {feature}.",
            "Plump it once a week and it keeps its corners.",
        ),
        details={
            "material": ("Linen", "Velvet", "Cotton", "Wool"),
            "feature": ("Piped Edge", "Hidden Zip", "Tassels", "Feather Filling"),
        },
        complements=("tablelamp", "cushion"),
        patterns=WOVEN,
        sizes={"40 cm": 1.0, "50 cm": 1.25, "60 cm": 1.5},
    ),
    SubCategory(
        category="Living",
        name="Vases",
        code="vase",
        price=27.0,
        titles=("{name} {color} {pattern} {material} Vase", "{color} {material} Vase with {feature}"),
        openings=(
            "This {material} vase by {brand} suits three stems or thirty.",
            "A {material} vase with a shape that flatters garden flowers.",
        ),
        uses=(
            "It is glazed inside and holds water.",
            "The mouth is narrow enough to keep stems upright.",
            "Notice the {feature} in a low sun.",
            "Stand it on a sill, full or empty.",
        ),
        details={
            "material": ("Stoneware", "Glass", "Porcelain", "Terracotta"),
            "feature": ("Fluted Neck", "Ribbed Body", "Matt Glaze", "Two Handles"),
        },
        complements=("candle", "pot"),
        patterns=GLAZED,
        sizes={"18 cm": 1.0, "26 cm": 1.4},
    ),
)

GARDEN = (
    SubCategory(
        category="Garden",
        name="Plant Pots",
        code="pot",
        price=12.0,
        titles=("{name} {color} {pattern} {material} Plant Pot", "{color} {material} Plant Pot with {feature}"),
        openings=(
            "A {material} pot by {brand} for a window sill or a step.",
            "This {material} plant pot lets roots breathe.",
        ),
        uses=(
            "There is a hole at the bottom for drainage.",
            "It comes through a mild winter outdoors.",
            "It comes complete with the {feature}.",
            "Soak it before you plant in it.",
        ),
        details={
            "material": ("Terracotta", "Stoneware", "Concrete", "Zinc"),
            "feature": ("Matching Saucer", "Raised Feet", "Rolled Rim", "Hanging Loop"),
        },
        complements=("can", "pot"),
        patterns=GLAZED,
        sizes={"12 cm": 1.0, "18 cm": 1.7, "24 cm": 2.6},
    ),
    SubCategory(
        category="Garden",
        name="Watering Cans",
        code="can",
        price=25.0,
        titles=("{name} {color} {material} Watering Can", "{color} {material} Watering Can with {feature}"),
        openings=(
            "A well-balanced {material} watering can from {brand}.",
            "This {material} can reaches the back row without wetting the leaves.",
        ),
        uses=(
            "It pours evenly to the last drop.",
            "The handle is shaped for a full load.",
            "Gardeners tell us they like the {feature}.",
            "Empty it before a frost.",
        ),
        details={
            "material": ("Galvanised Steel", "Powder-Coated Steel", "Copper", "Recycled Plastic"),
            "feature": ("Brass Rose", "Long Spout", "Two Handles", "Fine Rose"),
        },
        complements=("pot",),
        sizes={"1.5 litres": 1.0, "5 litres": 1.5},
    ),
    SubCategory(
        category="Garden",
        name="Bird Houses",
        code="birdhouse",
        price=29.0,
        titles=("{name} {color} {material} Bird House", "{color} {material} Bird House with {feature}"),
        openings=(
            "{brand} builds this {material} bird house for tits and sparrows.",
            "A {material} bird house with a dry, draught-free nest box.",
        ),
        uses=(
            "The back opens for cleaning in autumn.",
            "Hang it facing north or east.",
            "Squirrels have no answer to the {feature}.",
            "It weathers to a softer shade.",
        ),
        details={
            "material": ("Cedar", "Pine", "Oak", "Woodstone"),
            "feature": ("Slate Roof", "Metal Plate", "Hanging Chain", "Perch"),
        },
        complements=("can",),
    ),
)
