"""The drawings of the icons, on a grid of 16: strokes in the colour of the text beside them.

An icon is never alone: the words beside it say the same. `solid` is filled, `ground` takes the colour of what lies behind.
"""

# ruff: noqa: E501 (drawings)

ICONS = {
    # States of time: the disc fills as time runs out, the diamond is kept for lateness and errors.
    "ring": '<circle cx="8" cy="8" r="6"/>',
    "half": '<circle cx="8" cy="8" r="6"/><path class="solid" d="M8 2a6 6 0 0 1 0 12z"/>',
    "three-quarters": '<circle cx="8" cy="8" r="6"/><path class="solid" d="M8 2v6H2a6 6 0 1 0 6-6z"/>',
    "diamond": (
        '<path class="solid" d="M8 .6 15.4 8 8 15.4.6 8z"/><path class="ground" d="M8 4.9v3.6"/><path class="ground" d="M8 11v.01"/>'
    ),
    "bars": '<rect x="1.9" y="1.9" width="12.2" height="12.2" rx="2.6"/><path d="M6.1 5.4v5.2M9.9 5.4v5.2"/>',
    "tick": '<path d="m2.5 8.6 3.4 3.4 7.6-8"/>',
    "cross": '<path d="m3.6 3.6 8.8 8.8M12.4 3.6l-8.8 8.8"/>',
    "stroke": '<path d="M2.6 8h10.8"/>',
    "run": '<path class="solid" d="M4 2.8v10.4L12.6 8z"/>',
    # Things and acts
    "info": '<circle cx="8" cy="8" r="6.2"/><path d="M8 7.4v3.6M8 4.9v.01"/>',
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 3.6 3.6"/>',
    "lock": '<rect x="2.9" y="6.9" width="10.2" height="7.2" rx="1.6"/><path d="M5 6.9V5a3 3 0 0 1 6 0v1.9"/>',
    "bell": '<path d="M3.2 11.6c.9-1 1.2-2 1.2-4.4a3.6 3.6 0 0 1 7.2 0c0 2.4.3 3.4 1.2 4.4zM6.6 14h2.8"/>',
    "file": '<path d="M3.6 1.9h5.6l3.2 3.3v8.9H3.6zM9 2v3.4h3.3"/>',
    "mail": '<rect x="1.9" y="3.4" width="12.2" height="9.2" rx="1.4"/><path d="m2.3 4.4 5.7 4.4 5.7-4.4"/>',
    "note": '<path d="M2 3h12v8.4H6.6L3.8 13.8v-2.4H2z"/>',
    "people": '<circle cx="8" cy="5" r="2.6"/><path d="M2.9 14c.3-3 2.2-4.6 5.1-4.6s4.8 1.6 5.1 4.6"/>',
    "phone": (
        '<path d="M5.5 2.2 3.4 3c-.6 2.2.3 5 2.4 7.2s4.9 3.2 7.2 2.7l.9-2.2-3-1.8-1.5 1.3c-1.6-.7-2.6-1.8-3.3-3.4l1.3-1.5z"/>'
    ),
    "menu": '<path d="M2 4h12M2 8h12M2 12h12"/>',
    "download": '<path d="M8 2.4v7.4M4.8 6.8 8 10l3.2-3.2M2.8 13.4h10.4"/>',
    "upload": '<path d="M8 10V2.6M4.8 5.6 8 2.4l3.2 3.2M2.8 13.4h10.4"/>',
    "print": '<path d="M4.4 6V2.2h7.2V6M4.4 11.4H2.2V6h11.6v5.4h-2.2M4.4 9.4h7.2v4.4H4.4z"/>',
    "pen": '<path d="m2.6 13.4.7-3.1 7.6-7.7 2.5 2.5-7.7 7.6zM9.4 4.1l2.5 2.5"/>',
    "calendar": '<rect x="2.2" y="3.2" width="11.6" height="10.6" rx="1.4"/><path d="M2.2 6.6h11.6M5.4 1.8v2.8M10.6 1.8v2.8"/>',
    "clock": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.4V8l2.4 1.6"/>',
    "undo": '<path d="M5.6 3 2.4 6.2l3.2 3.2M2.8 6.2h6.4a4 4 0 0 1 0 8H6.6"/>',
    "plus": '<path d="M8 2.8v10.4M2.8 8h10.4"/>',
    "out": '<path d="M9.6 2.6H3v10.8h6.6M6.8 8h7M11.2 5.2 14 8l-2.8 2.8"/>',
    "settings": '<path d="M2 4.6h7M12.4 4.6H14M2 11.4h1.6M7 11.4h7"/><circle cx="10.7" cy="4.6" r="1.7"/><circle cx="5.3" cy="11.4" r="1.7"/>',
    "sun": '<circle cx="8" cy="8" r="3"/><path d="M8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1"/>',
    "moon": '<path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z"/>',
    "language": '<circle cx="8" cy="8" r="6.2"/><path d="M1.8 8h12.4M8 1.8c2 2 2.6 4 2.6 6.2S10 12.2 8 14.2M8 1.8C6 3.8 5.4 5.8 5.4 8S6 12.2 8 14.2"/>',
    # Directions
    "up": '<path d="M8 13.4V2.8M4 6.6l4-4 4 4"/>',
    "down": '<path d="M8 2.6v10.6M4 9.4l4 4 4-4"/>',
    "left": '<path d="M13.2 8H2.8M6.6 4l-4 4 4 4"/>',
    "right": '<path d="M2.8 8h10.4M9.4 4l4 4-4 4"/>',
    "chevron-right": '<path d="m6 3.4 4.6 4.6L6 12.6"/>',
    "chevron-down": '<path d="M3.4 6 8 10.6 12.6 6"/>',
}
