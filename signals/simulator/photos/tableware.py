"""Shapes of the kitchen and the pantry."""

from signals.simulator.photos.canvas import Canvas
from signals.simulator.photos.palette import INK, METAL, PAPER, WHITE, mix


def mug(canvas: Canvas) -> None:
    canvas.shadow(48, 56)
    canvas.arc((58, 38, 90, 72), (-100, 100), 6.5, canvas.dark)
    canvas.body_polygon([(22, 28), (70, 28), (68, 76), (64, 84), (28, 84), (24, 76)])
    canvas.ellipse((22, 22, 70, 34), canvas.light)
    canvas.ellipse((25, 24, 67, 33), canvas.dark)
    canvas.ellipse((28, 27, 64, 33), (86, 58, 44))
    canvas.glow([(28, 38), (33, 38), (33, 74), (30, 72)], WHITE, 70)


def teapot(canvas: Canvas) -> None:
    canvas.shadow(48, 62)
    canvas.arc((66, 38, 94, 74), (-95, 95), 5.5, canvas.dark)
    canvas.polygon([(24, 62), (6, 40), (12, 36), (32, 50)], canvas.dark)
    canvas.body_curve([(50, 34), (68, 40), (77, 58), (70, 78), (50, 84), (30, 78), (23, 58), (32, 40)])
    canvas.ellipse((34, 30, 66, 42), canvas.dark)
    canvas.curve([(50, 24), (62, 30), (64, 36), (50, 38), (36, 36), (38, 30)], canvas.color)
    canvas.ellipse((46, 18, 54, 26), canvas.dark)
    canvas.glow([(31, 52), (36, 46), (38, 66), (34, 70)], WHITE, 70)


def bowl(canvas: Canvas) -> None:
    canvas.shadow(50, 48)
    canvas.rounded((36, 76, 64, 84), 2, canvas.dark)
    canvas.body_curve([(12, 44), (50, 44), (88, 44), (82, 62), (66, 78), (50, 80), (34, 78), (18, 62)])
    canvas.ellipse((10, 34, 90, 54), canvas.light)
    canvas.ellipse((14, 36, 86, 53), canvas.dark)
    canvas.ellipse((22, 42, 78, 53), mix(canvas.dark, canvas.color, 0.6))


def pan(canvas: Canvas) -> None:
    canvas.shadow(40, 60)
    canvas.line([(66, 52), (96, 44)], 6, INK)
    canvas.body_rounded((10, 46, 70, 84), 6)
    canvas.ellipse((9, 38, 71, 54), METAL)
    canvas.ellipse((12, 40, 68, 53), mix(METAL, WHITE, 0.4))
    canvas.curve([(40, 30), (58, 36), (67, 46), (40, 51), (13, 46), (22, 36)], mix(METAL, WHITE, 0.7))
    canvas.line([(40, 31), (40, 27)], 3, INK)
    canvas.ellipse((34, 21, 46, 28), INK)
    canvas.glow([(15, 56), (20, 57), (20, 80), (16, 79)], WHITE, 70)


def coffee(canvas: Canvas) -> None:
    canvas.shadow(50, 50)
    canvas.body_polygon([(27, 22), (73, 22), (76, 80), (73, 84), (27, 84), (24, 80)])
    canvas.polygon([(27, 14), (73, 14), (74, 25), (26, 25)], canvas.dark)
    canvas.line([(29, 19), (71, 19)], 1.6, canvas.light)
    canvas.rounded((32, 38, 68, 72), 3, PAPER)
    for x, y in ((44, 50), (56, 58)):
        canvas.ellipse((x - 6, y - 9, x + 6, y + 9), (92, 60, 42))
        canvas.line([(x + 1, y - 7), (x - 1, y), (x + 1, y + 7)], 1.4, PAPER)


def tea(canvas: Canvas) -> None:
    canvas.shadow(46, 56)
    canvas.body_rounded((20, 34, 72, 84), 3)
    canvas.rounded((17, 24, 75, 40), 3, canvas.dark)
    canvas.ellipse((32, 46, 60, 76), PAPER)
    canvas.curve([(38, 68), (40, 56), (52, 52), (54, 53), (52, 64), (42, 69)], (104, 148, 88))
    canvas.line([(40, 67), (51, 55)], 1.3, PAPER)
    canvas.line([(70, 32), (82, 42), (84, 60)], 1.2, mix(INK, PAPER, 0.4))
    canvas.rounded((78, 60, 91, 74), 1.5, canvas.light)


def chocolate(canvas: Canvas) -> None:
    cocoa = (92, 58, 42)
    canvas.shadow(50, 50)
    canvas.rounded((27, 12, 73, 56), 2, cocoa)
    for x in (29, 44, 59):
        for y in (14, 27, 40):
            canvas.rounded((x, y, x + 12.5, y + 11), 1.5, mix(cocoa, WHITE, 0.14))
    canvas.polygon([(23, 46), (32, 42), (41, 46), (50, 42), (59, 46), (68, 42), (77, 46), (77, 52), (23, 52)], METAL)
    canvas.body_rounded((23, 48, 77, 84), 2)
    canvas.rounded((30, 57, 70, 75), 2, PAPER)
    canvas.line([(36, 63), (64, 63)], 2.2, canvas.dark)
    canvas.line([(41, 69), (59, 69)], 1.6, canvas.dark)


SHAPES = {
    "mug": mug,
    "teapot": teapot,
    "bowl": bowl,
    "pan": pan,
    "coffee": coffee,
    "tea": tea,
    "chocolate": chocolate,
}
