"""The shop's assortment: eight categories and what may be sold in each."""

from signals.simulator.assortment.brands import BRANDS, LINES
from signals.simulator.assortment.home import GARDEN, LIGHTING, LIVING
from signals.simulator.assortment.kitchen import KITCHEN, PANTRY
from signals.simulator.assortment.spec import STYLES, SubCategory
from signals.simulator.assortment.wear import BAGS, CLOTHING, SHOES

ASSORTMENT: tuple[SubCategory, ...] = (*KITCHEN, *CLOTHING, *SHOES, *BAGS, *LIGHTING, *LIVING, *PANTRY, *GARDEN)
BY_CODE = {subcategory.code: subcategory for subcategory in ASSORTMENT}

__all__ = ["ASSORTMENT", "BRANDS", "BY_CODE", "LINES", "STYLES", "SubCategory"]
