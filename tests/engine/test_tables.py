"""Tables of photos as Excel, Numbers and LibreOffice write them."""

from pathlib import Path

import pytest

from niteru.engine.photos.faces_folder import FacesMissing, list_photos
from niteru.engine.photos.tables.photo_table import BadColumnNames, ColumnNames
from support.spreadsheets import ods, xlsx

COLUMNS = (("agency", "Elite, Paris"), ("born", "1993-04-05"))
COMMAS = 'path,person,agency,born\r\nAda/1.jpg,Ada,"Elite, Paris",1993-04-05\r\n'
SEMICOLONS = "path;person;agency;born\r\nAda/1.jpg;Ada;Elite, Paris;1993-04-05\r\n"
TABS = 'path\tperson\tagency\tborn\r\nAda/1.jpg\tAda\t"Elite, Paris"\t1993-04-05\r\n'
WRITTEN = {
    "libreoffice.csv": COMMAS.replace("\r\n", "\n").encode(),
    "numbers.csv": f"Table 1;;;\r\n{SEMICOLONS}".encode(),
    "excel-utf8.csv": SEMICOLONS.encode("utf-8-sig"),
    "excel-sep.csv": b"sep=;\r\n" + SEMICOLONS.encode(),
    "excel-unicode.txt": b"\xff\xfe" + TABS.encode("utf-16-le"),
    "big-endian.csv": b"\xfe\xff" + SEMICOLONS.encode("utf-16-be"),
    "tabs.tsv": TABS.encode(),
    "windows.csv": SEMICOLONS.replace("Ada/1", r".\Ada\1").encode(),
    "capitals.csv": SEMICOLONS.replace("path;person", " Path ;PERSON").encode(),
    "delimiters-in-names.csv": COMMAS.replace("agency,", '"a;b;c;d;e",', 1).encode(),
    "line-breaks.csv": COMMAS.replace("Elite, Paris", "Elite,\r\nParis\x1b[31m").encode(),
    "excel.xlsx": xlsx([["path", "person", "agency", "born"], ["Ada/1.jpg", "Ada", "Elite, Paris", (1993, 4, 5)]]),
    "libreoffice.ods": ods([["path", "person", "agency", "born"], ["Ada/1.jpg", "Ada", "Elite, Paris", "1993-04-05"]]),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_dialect_is_read(name: str, tmp_path: Path) -> None:
    table = tmp_path / name
    table.write_bytes(WRITTEN[name])
    (photo,) = list_photos(table).photos
    assert (photo.ref, photo.person, photo.path) == ("Ada/1.jpg", "Ada", tmp_path / "Ada" / "1.jpg")
    assert "\x1b" not in str(photo.columns) and "\n" not in str(photo.columns)
    if name not in ("delimiters-in-names.csv", "line-breaks.csv"):
        assert photo.columns == COLUMNS
    else:
        assert photo.columns[0][1].startswith("Elite, Paris")


def test_numbers_of_a_workbook_are_as_people_write_them(tmp_path: Path) -> None:
    table = tmp_path / "t.xlsx"
    table.write_bytes(xlsx([["path", "person", "height", "shoe"], ["a.jpg", "Ada", 180.0, 38.5]]))
    assert list_photos(table).photos[0].columns == (("height", "180"), ("shoe", "38.5"))


def test_the_two_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Datei;Name, Vorname;person\nx.jpg;Ada;owner\n")
    (photo,) = list_photos(table, columns=ColumnNames.parse("person=Name, Vorname,photo=Datei")).photos
    assert (photo.ref, photo.person, photo.columns) == ("x.jpg", "Ada", (("person", "owner"),))
    with pytest.raises(FacesMissing, match="--columns photo=NAME,person=NAME"):
        list_photos(table)
    for wrong in ("", "photo", "photo=", "name=a", "photo=a,photo=b", "x,photo=a"):
        with pytest.raises(BadColumnNames):
            ColumnNames.parse(wrong)


def test_several_values_of_a_cell_and_of_several_rows(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text('path,person,tags\na.jpg,Ada,"tall; red|red"\na.jpg,Ada,old\na.jpg,Ada,\n')
    assert list_photos(table).photos[0].columns == (("tags", "old"), ("tags", "red"), ("tags", "tall"))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", "path,person\nx,Andr\xe9\n".encode("latin-1"), "UTF-8"),
        ("t.csv", b"path,person\0\n", "UTF-8"),
        ("t.csv", b"path,person,A,a\nx,Ada,1,2\n", "two columns are called"),
        ("t.csv", b"path,person,a\nx,Ada," + b"a" * 20_000 + b"\n", "shorten"),
        ("t.csv", rb"path,person" + b"\n" + rb"C:\photos\Ada\1.jpg,Ada" + b"\n", "as Ada/1.jpg"),
        ("t.csv", b"", "must name the columns"),
        ("t.xlsx", b"no workbook", r"\.xlsx without a password"),
        ("t.xlsx", xlsx([["photo", "name"], ["a", "b"]]), "must name the columns"),
        ("t.numbers", b"PK", "export it as CSV"),
        ("t.docx", b"PK", "no table"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_next_step(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    table = tmp_path / name
    table.write_bytes(data)
    with pytest.raises(FacesMissing, match=said) as refusal:
        list_photos(table)
    assert str(table) in str(refusal.value)
