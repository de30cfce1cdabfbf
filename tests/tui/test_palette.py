"""Colours that people of any colour vision tell apart, on dark and on light paper."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pytest

from hybench.tui.draw.palette import CURVES, DARK, LIGHT, RGB, contrast, theme_palette

VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
"""What each sees of linear sRGB: Machado, Oliveira and Fernandes 2009, severity 1."""

PALETTES = {
    True: theme_palette({"background": "#121212"}, "truecolor", no_color=False),
    False: theme_palette({"background": "#E0E0E0"}, "truecolor", no_color=False),
}


def oklab(color: RGB, vision: str) -> npt.NDArray[np.float64]:
    """A colour as that vision sees it, in OKLab (Ottosson 2020), where distances are as seen."""
    parts = np.array(color) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    found: npt.NDArray[np.float64] = np.array(lab) @ np.cbrt(np.array(cones) @ seen)
    return found


def nearest(colors: list[RGB], vision: str) -> float:
    """The distance of the two colours that are most alike; black and white are 1 apart."""
    seen = [oklab(color, vision) for color in colors]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("dark", "least"), [(True, 0.13), (False, 0.09)])
def test_eight_colours_are_eight_for_every_vision(dark: bool, least: float, vision: str) -> None:
    colors = [PALETTES[dark].arm(number) for number in range(8)]
    assert nearest(colors, vision) >= least


def test_a_pair_that_the_colour_blind_confuse_would_be_found() -> None:
    pair: list[RGB] = [(200, 80, 80), (130, 130, 60)]
    assert nearest(pair, "normal") > 0.13
    assert nearest(pair, "deuteranopia") < 0.09


@pytest.mark.parametrize(("dark", "paper"), [(True, DARK), (False, LIGHT)])
def test_colours_stand_out_from_their_paper(dark: bool, paper: RGB) -> None:
    assert PALETTES[dark].paper == paper
    assert len(CURVES[dark]) == 8
    assert min(contrast(color, paper) for color in CURVES[dark]) >= 4.5


@pytest.mark.parametrize("dark", [True, False])
def test_names_of_arms_and_of_their_seeds_are_read(dark: bool) -> None:
    palette = PALETTES[dark]
    for number, shade in product(range(8), range(5)):
        color = palette.arm_text(number, shade).color
        assert color is not None
        red, green, blue = color.get_truecolor()
        assert contrast((red, green, blue), palette.paper) >= 4.5
        if shade == 0:
            assert (red, green, blue) == palette.arm(number)


@pytest.mark.parametrize("dark", [True, False])
def test_seeds_are_shades_of_their_arm(dark: bool) -> None:
    palette = PALETTES[dark]
    for number in range(8):
        arm = palette.arm(number)
        shades = [palette.arm(number, shade) for shade in range(5)]
        assert shades[0] == arm
        assert len(set(shades)) == 5
        assert min(contrast(shade, palette.paper) for shade in shades) >= 1.9


@pytest.mark.parametrize("dark", [True, False])
def test_heat_is_symmetric_muted_and_its_numbers_are_read(dark: bool) -> None:
    palette = PALETTES[dark]
    styles = [palette.heat(share / 10, diverging=True) for share in range(11)]
    assert styles[5].bgcolor is None
    for style in styles[:5] + styles[6:]:
        assert style.color is not None
        assert style.bgcolor is not None
        ink, paper = (tuple(each.get_truecolor()) for each in (style.color, style.bgcolor))
        assert contrast(ink, paper) >= 4.5  # type: ignore[arg-type]
    for weaker, stronger in ((4, 0), (6, 10)):
        far = [
            float(np.linalg.norm(np.subtract(tuple(color.get_truecolor()), palette.paper)))
            for at in (weaker, stronger)
            if (color := styles[at].bgcolor) is not None
        ]
        assert far[0] < far[1] < 200
    one, other = (
        float(np.linalg.norm(np.subtract(tuple(color.get_truecolor()), palette.paper)))
        for color in (styles[0].bgcolor, styles[10].bgcolor)
        if color is not None
    )
    assert 0.6 < one / other < 1.7


@pytest.mark.parametrize("paper", ["#121212", "#E0E0E0"])
def test_texts_are_read_on_any_paper(paper: str) -> None:
    colors = {"accent": "#FEA62B", "warning": "#FFC473", "success": "#8AD4A1", "primary": "#0178D4"}
    palette = theme_palette({**colors, "background": paper}, "truecolor", no_color=False)
    for tone in ("accent", "warn", "better", "head"):
        color = palette.tone(tone).color
        assert color is not None
        triplet = color.get_truecolor()
        assert contrast((triplet.red, triplet.green, triplet.blue), palette.paper) >= 4.5


def test_without_colours_there_are_none() -> None:
    plain = theme_palette({"background": "#121212"}, "truecolor", no_color=True)
    assert plain.curve(3).color is None
    assert plain.heat(1).bgcolor is None
