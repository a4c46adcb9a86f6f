"""The offset of Chinese consumer maps (GCJ-02), after the published formula."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_A, _EE = 6_378_245.0, 0.00669342162296594323


def gcj02(lonlat: Floats) -> Floats:
    """Return WGS84 degrees (n, 2) as the GCJ-02 degrees a consumer map would show."""
    lon, lat = lonlat.T
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += _waves(y, {1: 20, 3: 40, 12: 160, 30: 320})
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += _waves(x, {1: 20, 3: 40, 12: 150, 30: 300})
    curve = 1 - _EE * np.sin(np.radians(lat)) ** 2
    radius_north = _A * (1 - _EE) / curve**1.5
    radius_east = _A / np.sqrt(curve) * np.cos(np.radians(lat))
    shift = np.column_stack([np.degrees(east / radius_east), np.degrees(north / radius_north)])
    shifted: Floats = np.round(lonlat + shift, 7)
    return shifted


def _waves(z: Floats, heights: dict[int, float]) -> Floats:
    """Return the sum of sine terms of one axis, given their heights by period."""
    total = np.zeros_like(z)
    for period, height in heights.items():
        total += height * np.sin(z * np.pi / period) * 2 / 3
    return total
