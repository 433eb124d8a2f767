"""Shapes of lighting, living and garden."""

from signals.simulator.photos.canvas import Canvas
from signals.simulator.photos.palette import INK, PAPER, WHITE, WOOD, mix

GLOW = (255, 226, 150)
BRASS = (198, 160, 88)


def tablelamp(canvas: Canvas) -> None:
    canvas.shadow(50, 40)
    canvas.glow([(34, 46), (66, 46), (82, 82), (18, 82)], GLOW, 70)
    canvas.curve([(46, 48), (54, 48), (60, 62), (56, 78), (44, 78), (40, 62)], BRASS)
    canvas.glow([(43, 58), (46, 54), (47, 72), (44, 70)], WHITE, 80)
    canvas.rounded((34, 77, 66, 84), 2.5, mix(BRASS, INK, 0.3))
    canvas.body_polygon([(36, 14), (64, 14), (78, 48), (22, 48)])
    canvas.line([(36, 14), (64, 14)], 1.6, canvas.dark)
    canvas.line([(22, 48), (78, 48)], 1.6, canvas.dark)


def floorlamp(canvas: Canvas) -> None:
    canvas.shadow(42, 36, 90)
    canvas.glow([(56, 32), (86, 32), (96, 70), (46, 70)], GLOW, 70)
    canvas.rounded((26, 86, 58, 91), 2, INK)
    canvas.line([(42, 88), (42, 26), (50, 14), (62, 10), (71, 14)], 2.4, INK)
    canvas.body_polygon([(62, 13), (80, 13), (89, 33), (53, 33)])
    canvas.line([(53, 33), (89, 33)], 1.6, canvas.dark)


def pendant(canvas: Canvas) -> None:
    canvas.glow([(26, 58), (74, 58), (92, 92), (8, 92)], GLOW, 85)
    canvas.line([(50, 0), (50, 26)], 1.8, INK)
    canvas.rounded((45, 20, 55, 30), 2, BRASS)
    canvas.ellipse((18, 52, 82, 66), GLOW)
    canvas.body_curve([(44, 28), (56, 28), (72, 38), (84, 58), (50, 61), (16, 58), (28, 38)])
    canvas.ellipse((42, 57, 58, 69), (255, 246, 214))
    canvas.glow([(28, 46), (36, 36), (38, 40), (32, 52)], WHITE, 80)


def candle(canvas: Canvas) -> None:
    canvas.shadow(50, 48)
    canvas.glow([(50, 6), (60, 18), (60, 30), (50, 36), (40, 30), (40, 18)], GLOW, 90)
    canvas.body_rounded((27, 40, 73, 84), 5)
    canvas.ellipse((27, 34, 73, 47), mix(canvas.light, WHITE, 0.4))
    canvas.ellipse((31, 36, 69, 46), PAPER)
    canvas.line([(50, 40), (50, 32)], 1.4, INK)
    canvas.curve([(50, 14), (55, 25), (53, 32), (50, 34), (47, 32), (45, 25)], (246, 170, 66))
    canvas.curve([(50, 22), (52, 28), (50, 33), (48, 28)], (255, 240, 190))
    canvas.rounded((35, 54, 65, 74), 1.5, PAPER)
    canvas.line([(41, 61), (59, 61)], 1.8, canvas.dark)
    canvas.line([(45, 67), (55, 67)], 1.3, canvas.dark)


def cushion(canvas: Canvas) -> None:
    canvas.shadow(50, 74, 86)
    canvas.body_curve([(14, 16), (50, 21), (86, 16), (83, 50), (88, 86), (50, 82), (12, 86), (17, 50)])
    for x, y in ((14, 16), (86, 16), (88, 86), (12, 86)):
        canvas.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), canvas.dark)
    canvas.glow([(24, 28), (44, 26), (30, 48)], WHITE, 45)
    canvas.line([(44, 52), (50, 50), (57, 53)], 1, canvas.dark)


def vase(canvas: Canvas) -> None:
    canvas.shadow(50, 36)
    for x, y, petal in ((36, 12, (226, 118, 130)), (52, 6, (240, 190, 92)), (66, 15, (232, 146, 110))):
        canvas.line([(50, 40), (x, y + 4)], 1.5, (104, 140, 92))
        canvas.ellipse((x - 6, y - 5, x + 6, y + 7), petal)
        canvas.ellipse((x - 2, y - 1, x + 2, y + 3), (120, 78, 50))
    outline = [(42, 38), (58, 38), (56, 48), (70, 62), (66, 78), (58, 84), (42, 84), (34, 78), (30, 62), (44, 48)]
    canvas.body_curve(outline)
    canvas.ellipse((40, 34, 60, 41), canvas.dark)
    canvas.glow([(37, 62), (41, 56), (42, 74), (38, 72)], WHITE, 80)


def pot(canvas: Canvas) -> None:
    canvas.shadow(50, 46)
    leaf = (96, 148, 96)
    for left, right, tip in ((44, 50, (22, 20)), (50, 56, (78, 20)), (46, 54, (50, 6)), (48, 54, (66, 12))):
        x, y = tip
        middle = ((left + right) / 2 + x) / 2
        outline = [(left, 46), (middle - 6, 30), (x, y), (middle + 6, 30), (right, 46)]
        canvas.curve(outline, mix(leaf, INK, 0.1 + x / 600))
    canvas.body_polygon([(28, 48), (72, 48), (66, 84), (34, 84)])
    canvas.rounded((24, 42, 76, 53), 2.5, canvas.dark)
    canvas.rounded((24, 42, 76, 50), 2.5, mix(canvas.color, canvas.dark, 0.3))


def can(canvas: Canvas) -> None:
    canvas.shadow(48, 56)
    canvas.arc((54, 22, 92, 74), (-110, 105), 4, canvas.dark)
    canvas.line([(34, 70), (12, 34)], 5, canvas.dark)
    canvas.polygon([(4, 34), (18, 26), (20, 31), (8, 40)], canvas.color)
    canvas.body_rounded((30, 42, 72, 84), 4)
    canvas.ellipse((30, 37, 72, 48), canvas.dark)
    canvas.body_curve([(30, 42), (51, 37), (60, 38), (56, 46), (40, 47)])
    for y in (54, 74):
        canvas.line([(31, y), (71, y)], 1.2, canvas.dark)
    canvas.glow([(35, 56), (39, 56), (39, 72), (35, 72)], WHITE, 80)


def birdhouse(canvas: Canvas) -> None:
    canvas.shadow(50, 20, 94)
    canvas.rounded((46, 74, 54, 95), 1, mix(WOOD, INK, 0.25))
    canvas.body_polygon([(26, 42), (50, 18), (74, 42), (74, 80), (26, 80)])
    canvas.polygon([(50, 10), (84, 42), (79, 48), (50, 20), (21, 48), (16, 42)], WOOD)
    canvas.polygon([(50, 10), (84, 42), (82, 44), (50, 14)], mix(WOOD, INK, 0.3))
    canvas.ellipse((41, 40, 59, 58), INK)
    canvas.line([(50, 64), (50, 68)], 3.4, WOOD)
    canvas.rounded((24, 78, 76, 82), 1, mix(WOOD, INK, 0.15))


SHAPES = {
    "tablelamp": tablelamp,
    "floorlamp": floorlamp,
    "pendant": pendant,
    "candle": candle,
    "cushion": cushion,
    "vase": vase,
    "pot": pot,
    "can": can,
    "birdhouse": birdhouse,
}
