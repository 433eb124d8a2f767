"""Clothing, shoes and bags."""

from signals.simulator.assortment.spec import WOVEN, SubCategory

LETTER_SIZES = {"XS": 1.0, "S": 1.0, "M": 1.0, "L": 1.0, "XL": 1.0}
SHOE_SIZES = {"UK 4": 1.0, "UK 5": 1.0, "UK 6": 1.0, "UK 7": 1.0, "UK 8": 1.0, "UK 9": 1.0, "UK 10": 1.0}

CLOTHING = (
    SubCategory(
        category="Clothing",
        name="T-Shirts",
        code="tshirt",
        price=19.0,
        titles=("{name} {color} {pattern} {material} T-Shirt", "{color} {pattern} T-Shirt with {feature}"),
        openings=(
            "This {material} T-shirt from {brand} is cut a little longer than most.",
            "{brand} knits the {material} for this T-shirt in its own mill.",
        ),
        uses=(
            "The neck keeps its shape after many washes.",
            "Wear it alone in summer or under a jumper.",
            "Look for the {feature}.",
            "Wash at 30 degrees and dry on a line.",
        ),
        details={
            "material": ("Cotton", "Organic Cotton", "Linen", "Bamboo"),
            "feature": ("Crew Neck", "V-Neck", "Chest Pocket", "Rolled Sleeves"),
        },
        complements=("jumper", "socks"),
        patterns=WOVEN,
        sizes=LETTER_SIZES,
    ),
    SubCategory(
        category="Clothing",
        name="Jumpers",
        code="jumper",
        price=46.0,
        titles=("{name} {color} {pattern} {material} Jumper", "{color} {material} Jumper with {feature}"),
        openings=(
            "A {material} jumper by {brand} for the first cold morning of the year.",
            "This {material} jumper is knitted in one piece, so there are no seams to itch.",
        ),
        uses=(
            "It is warm without bulk and packs small.",
            "The cuffs are ribbed and stay where you push them.",
            "People notice the {feature}.",
            "Wash it by hand and dry it flat.",
        ),
        details={
            "material": ("Lambswool", "Merino", "Cotton", "Cashmere Blend"),
            "feature": ("Roll Neck", "Crew Neck", "Cable Knit", "Half Zip"),
        },
        complements=("tshirt", "boots"),
        patterns=WOVEN,
        sizes=LETTER_SIZES,
    ),
    SubCategory(
        category="Clothing",
        name="Socks",
        code="socks",
        price=7.5,
        titles=("{name} {color} {pattern} {material} Socks", "{color} {pattern} {material} Socks with {feature}"),
        openings=(
            "These {material} socks from {brand} stay up all day.",
            "A pair of {material} socks that is soft from the first wear.",
        ),
        uses=(
            "Heel and toe are knitted double.",
            "They breathe well inside a tight shoe.",
            "A long walk is easier with the {feature}.",
            "Wash them inside out with like colours.",
        ),
        details={
            "material": ("Cotton", "Merino", "Bamboo", "Wool Blend"),
            "feature": ("Cushioned Sole", "Seamless Toe", "Arch Support", "Ribbed Cuff"),
        },
        complements=("trainers", "boots"),
        patterns=WOVEN,
        sizes={"UK 4-7": 1.0, "UK 8-11": 1.0},
        consumable=True,
    ),
)

SHOES = (
    SubCategory(
        category="Shoes",
        name="Trainers",
        code="trainers",
        price=64.0,
        titles=("{name} {color} {material} Trainers", "{color} {material} Trainers with {feature}"),
        openings=(
            "{brand} built these {material} trainers for town, not for the track.",
            "Light {material} trainers that need no breaking in.",
        ),
        uses=(
            "The insole lifts out to dry.",
            "They grip well on wet pavement.",
            "The maker is proudest of the {feature}.",
            "Wipe them clean with a damp cloth.",
        ),
        details={
            "material": ("Canvas", "Leather", "Suede", "Recycled Mesh"),
            "feature": ("Gum Sole", "Padded Collar", "Reflective Trim", "Memory Foam Insole"),
        },
        complements=("socks",),
        sizes=SHOE_SIZES,
    ),
    SubCategory(
        category="Shoes",
        name="Boots",
        code="boots",
        price=98.0,
        titles=("{name} {color} {material} Boots", "{color} {material} Boots with {feature}"),
        openings=(
            "These {material} boots by {brand} are stitched, so they can be resoled.",
            "A pair of {material} boots for mud, rain and the pub afterwards.",
        ),
        uses=(
            "They hold the ankle without pinching it.",
            "The tread lets go of mud.",
            "Wearers asked for the {feature}.",
            "Brush them dry and wax them twice a year.",
        ),
        details={
            "material": ("Leather", "Suede", "Nubuck", "Waxed Canvas"),
            "feature": ("Side Zip", "Fleece Lining", "Pull Tab", "Commando Sole"),
        },
        complements=("socks", "jumper"),
        colors=("Brown", "Black", "Burgundy", "Olive", "Navy", "Grey", "Mustard", "Teal", "Red"),
        sizes=SHOE_SIZES,
    ),
    SubCategory(
        category="Shoes",
        name="Sandals",
        code="sandals",
        price=36.0,
        titles=("{name} {color} {material} Sandals", "{color} {material} Sandals with {feature}"),
        openings=(
            "Flat {material} sandals from {brand} that walk as well as they look.",
            "These {material} sandals soften to your foot within a week.",
        ),
        uses=(
            "The straps adjust in two places.",
            "They weigh next to nothing in a suitcase.",
            "Thanks to the {feature} they are comfortable till evening.",
            "Let them dry away from the sun.",
        ),
        details={
            "material": ("Leather", "Cork", "Vegan Leather", "Woven Jute"),
            "feature": ("Contoured Footbed", "Ankle Strap", "Slingback", "Rubber Sole"),
        },
        complements=("totes", "tshirt"),
        sizes=SHOE_SIZES,
    ),
)

BAGS = (
    SubCategory(
        category="Bags",
        name="Totes",
        code="totes",
        price=24.0,
        titles=("{name} {color} {pattern} {material} Tote", "{color} {pattern} {material} Tote with {feature}"),
        openings=(
            "A {material} tote by {brand} that swallows a weekly shop.",
            "This {material} tote folds flat and weighs little.",
        ),
        uses=(
            "The handles are long enough for a shoulder.",
            "Seams are taped on the inside.",
            "Small things stay in order thanks to the {feature}.",
            "It stands up by itself when full.",
        ),
        details={
            "material": ("Canvas", "Organic Cotton", "Jute", "Leather"),
            "feature": ("Inside Pocket", "Zip Top", "Key Clip", "Reinforced Base"),
        },
        complements=("sandals",),
        patterns=WOVEN,
    ),
    SubCategory(
        category="Bags",
        name="Backpacks",
        code="backpack",
        price=58.0,
        titles=("{name} {color} {material} Backpack", "{color} {material} Backpack with {feature}"),
        openings=(
            "{brand} made this {material} backpack for a bicycle commute.",
            "This {material} backpack opens wide, so nothing hides at the bottom.",
        ),
        uses=(
            "The back is padded and breathes.",
            "Straps tuck away for a train rack.",
            "You may come to rely on the {feature}.",
            "Sponge it clean and let it dry open.",
        ),
        details={
            "material": ("Recycled Nylon", "Waxed Canvas", "Leather", "Polyester"),
            "feature": ("Laptop Sleeve", "Rain Cover", "Bottle Pockets", "Roll Top"),
        },
        complements=("trainers",),
        sizes={"15 litres": 1.0, "22 litres": 1.2},
    ),
    SubCategory(
        category="Bags",
        name="Satchels",
        code="satchel",
        price=76.0,
        titles=("{name} {color} {material} Satchel", "{color} {material} Satchel with {feature}"),
        openings=(
            "This {material} satchel from {brand} is cut from a single piece.",
            "A slim {material} satchel for papers and a tablet.",
        ),
        uses=(
            "The strap is wide and does not dig in.",
            "Edges are painted by hand.",
            "It is finished with the {feature} shown.",
            "It looks better after a year than on the first day.",
        ),
        details={
            "material": ("Leather", "Vegan Leather", "Suede", "Felt"),
            "feature": ("Magnetic Clasp", "Brass Buckle", "Top Handle", "Front Pocket"),
        },
        complements=("boots",),
    ),
)
