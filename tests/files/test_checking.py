"""What is taken, what is refused, and what of people is left in neither."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hub.files.apart import checked_apart
from hub.files.checking import LARGEST, checked
from hub.files.names import shown_name
from hub.files.pictures import without_notes
from hub.files.refusal import BadFile
from tests.files import made


def test_a_picture_loses_its_place_its_camera_and_its_owner_and_stands_upright():
    found = checked("photo.JPG", made.located_jpeg())
    assert b"Zorvala" not in found.data
    with Image.open(BytesIO(found.data)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (30, 40) == (found.width, found.height)


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpeg"), ("WEBP", "a.webp")])
def test_each_kind_of_picture_is_drawn_anew(kind, name):
    found = checked(name, made.picture(kind))
    assert (found.width, found.height) == (40, 30)
    with Image.open(BytesIO(found.data)) as picture:
        assert picture.format == kind


def test_a_pdf_loses_its_author_and_what_it_runs():
    found = checked("report.pdf", made.pdf())
    assert b"Zorvala" not in found.data
    with pikepdf.open(BytesIO(found.data)) as document:
        assert len(document.pages) == 1
        assert "/OpenAction" not in document.Root
        assert "/Metadata" not in document.Root


@pytest.mark.parametrize(("name", "main"), [("form.docx", "word/document.xml"), ("table.xlsx", "xl/workbook.xml")])
def test_an_office_file_loses_its_properties(name, main):
    found = checked(name, made.office(main))
    with zipfile.ZipFile(BytesIO(found.data)) as archive:
        assert all(b"Zorvala" not in archive.read(entry) for entry in archive.namelist())
        assert main in archive.namelist()
    assert not found.named


def test_comments_that_name_their_authors_are_told_of():
    assert checked("a.docx", made.office(**{"word__comments.xml": b'<w:comment w:author="Zorvala Demo"/>'})).named


BOMB = made.office(word__media__big=b"\0" * 60_000_000)
POLYGLOT = b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"


@pytest.mark.parametrize(("name", "data", "why"), [
    ("a.gif", POLYGLOT, "pdf, docx"), ("a.png", POLYGLOT, "not what its name says"), ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "not what its name says"),
    ("a.html", b"<html>", "pdf, docx"), ("a.pdf", b"<html>" + made.pdf(), "not what its name says"), ("a.pdf", b"%PDF-1.7 nothing more", "cannot be read"), ("a.exe.png", b"MZ\x90", "not what its name says"),
    ("big.png", made.png_of_size(100_000, 100_000), "25 million"), ("a.png", made.png_of_size(6_000, 5_000), "25 million"), ("a.png", made.picture()[:60], "cannot be read"), ("a.webp", b"RIFF\0\0\0\0WAVEfmt ", "cannot be read"),
    ("bomb.docx", BOMB, "unpacks"), ("a.docx", made.office("xl/workbook.xml"), "not what its name says"), ("a.docx", b"PK\x03\x04 no archive", "cannot be read"),
    ("a.docx", made.office(**{"word__vbaProject.bin": b"x"}), "macros"), ("a.xlsx", made.office("xl/workbook.xml", **{"xl__embeddings__a.bin": b"x"}), "macros"),
    ("a.docx", made.office(**{"..__..__x": b"x"}), "unpacks"), ("a.pdf", made.pdf(encryption=pikepdf.Encryption(owner="x", user="y")), "password"), ("a.png", b"", "empty"), ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST, "10 MB"), ("noending", b"x", "pdf, docx"),
])  # fmt: skip
def test_hostile_and_broken_files_are_refused_with_a_reason(name, data, why):
    with pytest.raises(BadFile, match=why):
        checked(name, data)


def test_what_hides_behind_a_picture_or_a_pdf_is_gone():
    script = b"<script>alert('Zorvala')</script>"
    for name, data in (("a.png", made.picture() + script), ("a.jpg", made.picture("JPEG", comment=script) + script), ("a.pdf", made.pdf() + b"\n" + script)):
        assert b"Zorvala" not in checked(name, data).data


@pytest.mark.parametrize(("given_name", "shown"), [
    ("../../x.pdf", "x.pdf"), ("C:\\secret\\plan.docx", "plan.docx"), ("a\r\nSet-Cookie: x.png", "a Set-Cookie x.png"), ("photo\u202egnp.exe", "photognp.exe"), ("ก" * 300 + ".pdf", "ก" * 116 + ".pdf"), ("x" * 300, "x" * 120),
    (".pdf", "file.pdf"), ("a\0b.png", "ab.png"), ('na"me.png', "na me.png"), ("", ""), ("fi\u200ble.pdf", "fi le.pdf"),
])  # fmt: skip
def test_a_name_is_one_line_without_a_path_and_shows_its_ending(given_name, shown):
    assert shown_name(given_name) == shown


@given(st.text(max_size=400))
def test_any_name_becomes_a_harmless_one(given_name):
    name = shown_name(given_name)
    assert len(name) <= 120
    assert not set(name) & set('/\\\r\n"\0\u202e')


@given(st.sampled_from(["a.pdf", "a.docx", "a.xlsx", "a.png", "a.jpg", "a.webp"]), st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF....WEBP"]))
def test_no_bytes_make_the_check_fail_otherwise(name, data, beginning):
    with suppress(BadFile):
        assert checked(name, beginning + data).data


def test_pictures_in_documents_lose_their_place_as_well():
    photo = made.located_jpeg()
    assert b"Zorvala" in photo
    with zipfile.ZipFile(BytesIO(checked("a.docx", made.office(**{"word__media__image1.jpg": photo})).data)) as archive:
        assert b"Zorvala" not in archive.read("word/media/image1.jpg")
    given = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        picture = pikepdf.Stream(document, photo, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=40, Height=30, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode)
        document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=document.make_indirect(picture)))
        document.save(given)
    assert b"Zorvala" in given.getvalue()
    found = checked("a.pdf", given.getvalue()).data
    assert b"Zorvala" not in found
    with pikepdf.open(BytesIO(found)) as document, Image.open(BytesIO(document.pages[0].Resources.XObject.P.read_raw_bytes())) as left:
        assert left.size == (40, 30)
        left.load()


@given(st.binary(max_size=200))
def test_no_bytes_make_the_notes_of_a_jpeg_endless(data):
    assert len(without_notes(b"\xff\xd8" + data)) <= len(data) + 2


@pytest.mark.parametrize("entries", [
    {"docprops__Core2.xml": b"Zorvala"}, {"docMetadata__LabelInfo.xml": b"Zorvala"}, {"customXml__item1.xml": b"Zorvala"}, {"package__services__metadata__core-properties__1.psmdcp": b"Zorvala"},
    {"docProps__thumbnail.emf": b"Zorvala"}, {"word__media__picture_jpg.xml": made.located_jpeg()},
])  # fmt: skip
def test_notes_about_a_file_go_wherever_they_lie(entries):
    with zipfile.ZipFile(BytesIO(checked("a.docx", made.office(**entries)).data)) as archive:
        assert all(b"Zorvala" not in archive.read(name) for name in archive.namelist())


RELATION = b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="x" TargetMode="%s"/>'


@pytest.mark.parametrize("entries", [
    {"word__oleObject1.bin": b"x"}, {"word__page.htm": b"<script>"}, {"xl__externalLinks__externalLink1.xml": b"<ddeLink/>"}, {"word__document2.xml": "x".encode("utf-16")},
    {"word___rels__settings.xml.rels": RELATION % (b"attachedTemplate", b"External")}, {"word___rels__document.xml.rels": RELATION % (b"aFChunk", b"Internal")}, {"Word__Document.xml": b"twice"},
])  # fmt: skip
def test_documents_that_bring_something_else_are_refused(entries):
    with pytest.raises(BadFile):
        checked("a.docx", made.office(**entries))
    checked("a.docx", made.office(**{"word___rels__document.xml.rels": RELATION % (b"hyperlink", b"External")}))


@pytest.mark.parametrize("entries", [{"word__people.xml": b"<x/>"}, {"word__a.xml": b'<x:ins x:author ="A"/>'}, {"xl__revisions__userNames.xml": b"<x/>"}, {"word__media__a.emf": b"x"}])
def test_what_may_still_name_people_is_told_of(entries):
    assert checked("a.docx", made.office(**entries)).named


def test_scripts_files_and_names_anywhere_in_a_pdf_are_gone():
    script, given = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="Zorvala()"), BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/", Next=script)
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], T="Zorvala", A=link, PA=script, AF=[pikepdf.Dictionary(F="Zorvala")])
        bad = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="javascript:Zorvala()"))
        page.Annots = document.make_indirect(pikepdf.Array([document.make_indirect(note), bad]))
        document.Root.Pages.AA = pikepdf.Dictionary(O=script)
        document.Root.Outlines = document.make_indirect(pikepdf.Dictionary(First=document.make_indirect(pikepdf.Dictionary(Title="One", A=script))))
        document.Root.Perms = pikepdf.Dictionary(Reason="Zorvala")
        document.Root.Names = pikepdf.Dictionary(Templates=pikepdf.Dictionary(Names=["Zorvala", page.obj]))
        document.save(given, compress_streams=False)
    assert b"Zorvala" in given.getvalue()
    found = checked("a.pdf", given.getvalue()).data
    assert b"Zorvala" not in found
    assert b"https://example.org/" in found


def test_a_file_is_checked_apart_and_one_that_takes_too_much_is_refused():
    assert checked_apart("a.png", made.picture()).width == 40
    with pytest.raises(BadFile, match="not what its name says"):
        checked_apart("a.png", b"<svg/>")
    with BytesIO() as saved:
        Image.new("L", (5_000, 5_000)).save(saved, "JPEG", progressive=True)
        scans = saved.getvalue()
    last = scans.rindex(b"\xff\xda")
    with pytest.raises(BadFile):
        checked_apart("a.jpg", scans[:last] + scans[last:-2] * 3_000 + scans[-2:])
