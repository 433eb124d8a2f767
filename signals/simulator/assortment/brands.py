"""The invented brands of each category, and the invented names of their lines."""

BRANDS = {
    "Kitchen": ("Harrow & Fenn", "Oldmill Pottery", "Quillmere", "Tabor Lane", "Stove & Sill"),
    "Pantry": ("Larkrise Roasters", "Pellworth", "Copper Kettle Row", "Tamarind & Thyme", "Quillmere"),
    "Clothing": ("Marrowby", "Finchley Roe", "Northpike", "Loom & Lowe", "Ashgrove"),
    "Shoes": ("Cobblewick", "Northpike", "Strandway", "Fellgate", "Ashgrove"),
    "Bags": ("Satchwell", "Strandway", "Loom & Lowe", "Carryon Yard", "Fellgate"),
    "Lighting": ("Glowworm Works", "Halden Brass", "Norrlund", "Wickfield", "Tabor Lane"),
    "Living": ("Wickfield", "Norrlund", "Harrow & Fenn", "Sundry Lane", "Meadowlark Home"),
    "Garden": ("Potting Bench", "Sundry Lane", "Greenholt", "Thornby", "Oldmill Pottery"),
}

LINES = (
    *("Alder", "Arbour", "Bramley", "Brindle", "Calder", "Clover", "Copse", "Corrie", "Dapple", "Drift"),
    *("Dune", "Ember", "Fable", "Fenwick", "Fern", "Fjord", "Flint", "Gable", "Garnet", "Glade"),
    *("Harbour", "Harlow", "Haven", "Heath", "Holm", "Hollin", "Isla", "Juniper", "Kestrel", "Kiln"),
    *("Lantern", "Larch", "Linden", "Loch", "Lyric", "Maple", "Marlow", "Marram", "Merle", "Millpond"),
    *("Moss", "Nettle", "Oriel", "Orchard", "Otter", "Pebble", "Petrel", "Pippin", "Quarry", "Rambler"),
    *("Ridge", "Rowan", "Saltmarsh", "Shale", "Skerry", "Sorrel", "Sparrow", "Spindle", "Tansy", "Tarn"),
    *("Thicket", "Thistle", "Tilia", "Tully", "Vale", "Verity", "Wharf", "Wicker", "Willow", "Windrush"),
    *("Wold", "Wren", "Yarrow", "Yew"),
)
