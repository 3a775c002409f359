"""Groups and names by hand through `niteru.Gallery`."""

from pathlib import Path

import pytest

import niteru
from support.nameless import nameless_gallery

PEOPLE, PHOTOS = 6, 4


@pytest.fixture
def gallery(tmp_path: Path) -> niteru.Gallery:
    nameless_gallery(tmp_path / "gallery", PEOPLE, PHOTOS)
    return niteru.Gallery(tmp_path / "gallery")


def test_groups_are_named_split_set_aside_and_taken_back(gallery: niteru.Gallery) -> None:
    groups = gallery.groups()
    assert [(group.number, len(group.faces), group.photos) for group in groups] == [
        (number, PHOTOS, PHOTOS) for number in range(1, PEOPLE + 1)
    ]
    assert len(gallery.groups(most=2)) == 2
    assert groups._repr_html_().count("data:image/jpeg;base64,") == PEOPLE
    ada = gallery.name([groups[0], 2], "Ada")
    assert (ada.faces, ada.name) == (2 * PHOTOS, "Ada")
    assert [(person.name, person.faces) for person in gallery.people()] == [("Ada", 2 * PHOTOS)]
    assert {match.person for match in gallery.similar("Ada")} == {f"unnamed {number}" for number in range(3, 7)}
    apart = gallery.split([f"face:{face}" for face in groups[2].faces[:2]], publish=False)
    assert apart.name == f"unnamed {PEOPLE + 1}"
    gallery.name(groups[3], groups[4], publish=False)
    gallery.set_aside("unnamed 6", publish=False)
    gallery.set_aside(apart.name, no_face=True, publish=False)
    assert [(group.number, len(group.faces)) for group in gallery.groups()] == [(5, 2 * PHOTOS), (3, 2)]
    for _ in range(5):
        gallery.undo_name(publish=False)
    assert gallery.groups().to_dicts() == groups.to_dicts()
    with pytest.raises(niteru.Failure, match="nothing was named"):
        gallery.undo_name()
    with pytest.raises(niteru.Failure, match="nobody here is '99'"):
        gallery.name(99, "Ada")
