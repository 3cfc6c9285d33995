"""Make the people of the lab's Contoso, in six offices, and of its partners."""

# ruff: noqa: RUF001 - Turkish has a letter that looks like another one

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PER_OFFICE = 36
DEPARTMENTS = ("Sales", "Research", "Finance", "Production", "Marketing", "Support", "Legal", "IT")
_TITLES = ("Analyst", "Engineer", "Specialist", "Consultant", "Coordinator")


@dataclass(frozen=True, slots=True)
class Office:
    """An office; ``given`` and ``surnames`` list names, as ``written/plain`` or one for both."""

    town: str
    country: str
    country_name: str
    language: str
    street: str
    postal_code: str
    phone: str
    given: str
    surnames: str
    surname_first: bool = False


OFFICES = (
    Office(
        town="München",
        country="DE",
        country_name="Germany",
        language="de-DE",
        street="Königinstraße 12",
        postal_code="80539",
        phone="+49 89 5550",
        given="Jürgen/juergen Anna Käthe/kaethe Lukas Sören/soeren Heike Björn/bjoern Ute Günther/"
        "guenther Maja Jörg/joerg Lea",
        surnames="Müller/mueller Schmidt Weiß/weiss Schäfer/schaefer Köhler/koehler Vogel Groß/gross "
        "Bäcker/baecker Jäger/jaeger Lang Krüger/krueger Brandt Fröhlich/froehlich Huber Böhm/boehm "
        "Kaiser Roth",
    ),
    Office(
        town="Kraków",
        country="PL",
        country_name="Poland",
        language="pl-PL",
        street="ul. Świętego Jana 4",
        postal_code="31-017",
        phone="+48 12 555 0",
        given="Łukasz/lukasz Małgorzata/malgorzata Paweł/pawel Zofia Michał/michal Agnieszka Bożena/"
        "bozena Tomasz Grażyna/grazyna Piotr Stanisław/stanislaw Ewa",
        surnames="Wiśniewski/wisniewski Wójcik/wojcik Kamińska/kaminska Zieliński/zielinski Nowak "
        "Dąbrowski/dabrowski Kozłowska/kozlowska Jabłoński/jablonski Krawczyk Pająk/pajak Mazur "
        "Szczęsny/szczesny Gołąb/golab Lis Wróbel/wrobel Sikora Żak/zak",
    ),
    Office(
        town="İstanbul",
        country="TR",
        country_name="Türkiye",
        language="tr-TR",
        street="Bağdat Caddesi 101",
        postal_code="34728",
        phone="+90 216 555 0",
        given="Işıl/isil Çağla/cagla Ömer/omer İbrahim/ibrahim Şule/sule Emre Gülşen/gulsen Deniz "
        "Uğur/ugur Aylin Barış/baris Ece",
        surnames="Yılmaz/yilmaz Öztürk/ozturk Çelik/celik Şahin/sahin Aydın/aydin Kaya Doğan/dogan "
        "Kılıç/kilic Aslan Güneş/gunes Polat Işık/isik Erdoğdu/erdogdu Tekin Yıldız/yildiz Koç/koc "
        "Uçar/ucar",
    ),
    Office(
        town="Hà Nội",
        country="VN",
        country_name="Viet Nam",
        language="vi-VN",
        street="12 Phố Tràng Tiền",
        postal_code="11022",
        phone="+84 24 5550",
        given="Tuấn/tuan Hương/huong Đức/duc Thảo/thao Quỳnh/quynh Minh Ngọc/ngoc Dũng/dung Hạnh/hanh "
        "Khánh/khanh Lan Việt/viet",
        surnames="Nguyễn/nguyen Trần/tran Lê/le Phạm/pham Hoàng/hoang Phan Vũ/vu Võ/vo Đặng/dang "
        "Bùi/bui Đỗ/do Hồ/ho Ngô/ngo Dương/duong Lý/ly Đinh/dinh Mai",
        surname_first=True,
    ),
    Office(
        town="東京",
        country="JP",
        country_name="Japan",
        language="ja-JP",
        street="千代田区丸の内1-1",
        postal_code="100-0005",
        phone="+81 3 5550",
        given="太郎/taro 花子/hanako 健一/kenichi 美咲/misaki 翔太/shota 陽子/yoko 大輔/daisuke "
        "さくら/sakura 直樹/naoki 恵/megumi 一郎/ichiro 由美/yumi",
        surnames="田中/tanaka 佐藤/sato 鈴木/suzuki 高橋/takahashi 渡辺/watanabe 伊藤/ito 山本/yamamoto "
        "中村/nakamura 小林/kobayashi 加藤/kato 吉田/yoshida 山田/yamada 松本/matsumoto 井上/inoue "
        "木村/kimura 林/hayashi 清水/shimizu",
        surname_first=True,
    ),
    Office(
        town="Seattle",
        country="US",
        country_name="United States",
        language="en-US",
        street="1200 Pine Street",
        postal_code="98101",
        phone="+1 206 555 0",
        given="Alice Marcus Renée/renee Tyler José/jose Grace Zoë/zoe Henry Chloé/chloe Walter Maya Owen",
        surnames="Carter O'Brien/obrien Peña/pena Sullivan Brown Fitzgerald Nuñez/nunez Harris "
        "D'Angelo/dangelo Walker Young Brontë/bronte Reed Hughes Cole Mackenzie Okafor",
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An employee; ``number`` is unique over all offices, ``uid`` is plain ASCII."""

    number: int
    office: Office
    given: str
    surname: str
    uid: str
    department: str
    title: str

    @property
    def name(self) -> str:
        if self.office.surname_first:
            return f"{self.surname} {self.given}"
        return f"{self.given} {self.surname}"

    @property
    def initials(self) -> str:
        """A short name for a second address; the number makes it unique."""
        return f"{self.uid[0]}{self.uid.partition('.')[2][0]}{self.number:03d}"


def employees() -> Iterator[Person]:
    """Yield all employees; the first of each office is its head."""
    for office_number, office in enumerate(OFFICES):
        given, surnames = _names(office.given), _names(office.surnames)
        for number in range(PER_OFFICE):
            # The lists have 12 and 17 names. These numbers share no factor, so no pair comes twice.
            first, last = given[number % len(given)], surnames[number % len(surnames)]
            title = _TITLES[number % len(_TITLES)] if number else "Head of Office"
            yield Person(
                number=office_number * PER_OFFICE + number + 1,
                office=office,
                given=first[0],
                surname=last[0],
                uid=f"{first[1]}.{last[1]}",
                department=DEPARTMENTS[number % len(DEPARTMENTS)],
                title=title,
            )


class Partner(NamedTuple):
    """A person at another company."""

    name: str
    address: str
    company: str


# (company, domain, people as written/mailbox)
_PARTNERS = (
    (
        "Adatum",
        "adatum.example",
        (
            "Anaïs Lefèvre/alefevre, Bruno Sá/bsa, Chiara Rossi/crossi, Dmitri Orlov/dorlov, "
            "Eilís Byrne/ebyrne, Fatma Şen/fsen, Gus Öberg/goberg, Hana Ito/hito"
        ),
    ),
    (
        "Litware",
        "litware.example",
        (
            "Ian Abbott/iabbott, Jelena Kovač/jkovac, Karel Dvořák/kdvorak, Mia Fischer/mfischer, "
            "Lena Ångström/langstrom, Nils Østergård/nostergard, Oya Çetin/ocetin, Phong Đặng/pdang"
        ),
    ),
    (
        "Northwind Traders",
        "northwind.example",
        (
            "Quentin Ruíz/qruiz, Rikke Møller/rmoller, Sean Ó Briain/sobriain, Tomáš Němec/tnemec, "
            "Ulla Bråten/ubraten, Vera Łoś/vlos, Will Stone/wstone, Xenia Groß/xgross"
        ),
    ),
    (
        "Proseware",
        "proseware.example",
        (
            "Yusuf Acar/yacar, Zsófia Nagy/znagy, Arne Bøe/aboe, Bea Löwe/blowe, Carl Jung/cjung, "
            "Dora Špela/dspela, Erik Žižka/ezizka"
        ),
    ),
)


def partners() -> Iterator[Partner]:
    """Yield the people of all partner companies."""
    for company, domain, people in _PARTNERS:
        for person in people.split(", "):
            name, _, mailbox = person.partition("/")
            yield Partner(name, f"{mailbox}@{domain}", company)


def _names(text: str) -> list[tuple[str, str]]:
    """Split a list of names into pairs: as written, and as an address carries it."""
    pairs = (name.partition("/") for name in text.split(" "))
    return [(written, plain or written.lower()) for written, _, plain in pairs]
