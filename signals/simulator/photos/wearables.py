"""Shapes of clothing, shoes and bags."""

from collections.abc import Sequence

from signals.simulator.photos.canvas import Canvas, Point
from signals.simulator.photos.palette import INK, METAL, WHITE, mix


def _symmetric(right: Sequence[Point]) -> list[Point]:
    return [*right, *((100 - x, y) for x, y in reversed(right))]


def tshirt(canvas: Canvas) -> None:
    canvas.shadow(50, 54, 87)
    canvas.body_polygon(_symmetric([(64, 16), (82, 24), (96, 44), (82, 52), (74, 44), (75, 86)]))
    canvas.curve([(37, 16), (50, 14), (63, 16), (58, 24), (50, 27), (42, 24)], canvas.dark)
    canvas.line([(74, 44), (73, 36)], 0.9, canvas.dark)
    canvas.line([(26, 44), (27, 36)], 0.9, canvas.dark)


def jumper(canvas: Canvas) -> None:
    canvas.shadow(50, 54, 88)
    canvas.body_polygon(_symmetric([(64, 16), (80, 22), (96, 72), (84, 78), (74, 50), (75, 82)]))
    canvas.polygon([(25, 81), (75, 81), (75, 87), (25, 87)], canvas.dark)
    canvas.polygon([(4, 71), (16, 77), (14, 83), (2, 77)], canvas.dark)
    canvas.polygon([(96, 71), (84, 77), (86, 83), (98, 77)], canvas.dark)
    canvas.rounded((36, 10, 64, 22), 4, canvas.dark)
    canvas.ellipse((39, 9, 61, 16), mix(canvas.dark, INK, 0.5))
    canvas.line([(74, 50), (72, 38)], 0.9, canvas.dark)
    canvas.line([(26, 50), (28, 38)], 0.9, canvas.dark)


def socks(canvas: Canvas) -> None:
    canvas.shadow(50, 62, 86)
    for left in (10, 42):
        leg = [(left + 8, 16), (left + 28, 16), (left + 28, 56), (left + 42, 72), (left + 40, 84), (left + 26, 86)]
        canvas.body_polygon([*leg, (left + 8, 62)])
        canvas.rounded((left + 7, 13, left + 29, 24), 2, canvas.dark)
        toe = [(left + 33, 62), (left + 42, 71), (left + 41, 83), (left + 30, 86), (left + 27, 74)]
        canvas.curve(toe, canvas.light)
        canvas.curve([(left + 8, 50), (left + 17, 56), (left + 18, 66), (left + 13, 68), (left + 8, 62)], canvas.light)


def trainers(canvas: Canvas) -> None:
    canvas.shadow(50, 88, 80)
    upper = [(10, 70), (10, 46), (24, 42), (38, 38), (46, 46), (66, 58), (86, 62), (92, 72), (50, 73)]
    canvas.body_curve(upper)
    canvas.curve([(12, 47), (16, 40), (38, 36), (36, 42), (22, 47)], canvas.dark)
    canvas.rounded((7, 69, 95, 79), 5, WHITE)
    canvas.line([(9, 76), (93, 76)], 1.4, canvas.dark)
    for x, y in ((44, 44), (50, 49), (56, 53), (62, 57)):
        canvas.line([(x, y), (x - 6, y + 6)], 2.2, WHITE)
    canvas.curve([(74, 60), (90, 64), (93, 71), (76, 71)], canvas.light)
    canvas.line([(20, 66), (34, 56), (42, 66)], 2.4, canvas.light)


def boots(canvas: Canvas) -> None:
    canvas.shadow(50, 74)
    canvas.body_curve([(22, 14), (54, 14), (55, 44), (66, 56), (84, 60), (88, 76), (52, 78), (20, 78), (21, 44)])
    canvas.rounded((20, 11, 56, 20), 3, canvas.dark)
    canvas.polygon([(18, 75), (89, 75), (89, 82), (50, 82), (46, 79), (44, 84), (18, 84)], INK)
    for y in (28, 36, 44, 52):
        canvas.line([(46 + (y - 28) / 6, y), (57 + (y - 28) / 3, y + 2)], 2.2, canvas.light)
    canvas.line([(24, 58), (44, 62)], 1, canvas.dark)
    canvas.arc((14, 10, 24, 22), (90, 270), 2.4, canvas.dark)


def sandals(canvas: Canvas) -> None:
    canvas.shadow(50, 88, 80)
    canvas.arc((12, 36, 40, 88), (178, 300), 4, canvas.dark)
    sole = [(6, 64), (24, 62), (46, 66), (72, 66), (92, 68), (94, 73), (80, 75), (30, 75), (8, 74)]
    canvas.curve([(x, y + 5) for x, y in sole], INK)
    canvas.curve(sole, (214, 180, 140))
    canvas.body_curve([(26, 72), (28, 52), (36, 40), (46, 40), (50, 52), (50, 72), (38, 75)])
    canvas.body_curve([(60, 73), (63, 58), (71, 51), (80, 54), (85, 64), (85, 73), (72, 76)])
    canvas.rounded((35, 47, 43, 55), 1.5, METAL)
    canvas.rounded((37.5, 49.5, 40.5, 52.5), 0.5, canvas.dark)


def totes(canvas: Canvas) -> None:
    canvas.shadow(50, 60)
    canvas.arc((34, 8, 66, 70), (180, 360), 3.6, canvas.dark)
    canvas.body_polygon([(20, 38), (80, 38), (76, 84), (24, 84)])
    canvas.polygon([(20, 38), (80, 38), (79.5, 43), (20.5, 43)], canvas.dark)
    for x in (33.5, 62.5):
        canvas.rounded((x, 36, x + 4.5, 50), 1, canvas.dark)
    canvas.glow([(24, 46), (30, 46), (32, 80), (28, 80)], WHITE, 50)


def backpack(canvas: Canvas) -> None:
    canvas.shadow(50, 58)
    canvas.arc((40, 6, 60, 30), (180, 360), 3.6, canvas.dark)
    for x in (14, 76):
        canvas.rounded((x, 48, x + 10, 78), 5, canvas.dark)
    canvas.body_rounded((20, 14, 80, 84), 17)
    canvas.rounded((28, 52, 72, 78), 6, canvas.dark)
    canvas.rounded((29.5, 53.5, 70.5, 76.5), 5, mix(canvas.color, canvas.dark, 0.35))
    canvas.line([(33, 59), (67, 59)], 1.6, METAL)
    canvas.line([(27, 38), (36, 30), (64, 30), (73, 38)], 1.6, METAL)
    canvas.rounded((44, 38, 56, 45), 1.5, canvas.light)


def satchel(canvas: Canvas) -> None:
    canvas.shadow(50, 76)
    canvas.arc((22, 4, 78, 84), (190, 350), 3.2, canvas.dark)
    canvas.body_rounded((12, 40, 88, 84), 6)
    canvas.curve([(13, 42), (30, 38), (70, 38), (87, 42), (84, 60), (68, 67), (32, 67), (16, 60)], canvas.dark)
    canvas.body_curve([(13, 40), (30, 37), (70, 37), (87, 40), (84, 58), (68, 65), (32, 65), (16, 58)])
    for x in (30, 64):
        canvas.rounded((x, 46, x + 6, 76), 1.5, canvas.dark)
        canvas.rounded((x - 1, 63, x + 7, 70), 1, (204, 168, 92))


SHAPES = {
    "tshirt": tshirt,
    "jumper": jumper,
    "socks": socks,
    "trainers": trainers,
    "boots": boots,
    "sandals": sandals,
    "totes": totes,
    "backpack": backpack,
    "satchel": satchel,
}
