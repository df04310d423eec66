"""Titles in other languages and scripts, each with what it means in English.

A title is "the X of Y", "the X and the Z" or a name. X is one of ``THINGS`` and Y one of
``OWNERS``; each language says both in the same order, so a title and its English meaning are two
views of one pair of indexes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


THINGS: Final = _parts(
    "Garden|House|City|Road|Dream|Song|Winter|Island|Promise|Shadow|Bridge|Letter|Night|River|"
    "Dance|Silence"
)
OWNERS: Final = _parts(
    "the Mist|the Wolves|the Sea|Memory|the Stars|the Dead|Spring|the Crows|Fire|the Moon|"
    "the Orphans|Glass|the Wind|Oblivion"
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How one language says the things, their owners, and the two together."""

    countries: tuple[str, ...]
    latin: bool
    things: tuple[str, ...]
    owners: tuple[str, ...]
    names: tuple[str, ...]
    of: Callable[[str, str], str]
    both: Callable[[str, str], str]


def _after(thing: str, owner: str) -> str:
    return f"{thing} {owner}"


def _before(thing: str, owner: str) -> str:
    return f"{owner} {thing}"


def _joined(thing: str, owner: str) -> str:
    return f"{owner}{thing}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(word: str) -> Callable[[str, str], str]:
    return lambda one, other: f"{one} {word} {other[:1].lower()}{other[1:]}"


def _korean_and(one: str, other: str) -> str:
    syllable = ord(one[-1]) - 0xAC00
    return f"{one}{'과' if syllable % 28 else '와'} {other}"


def _two_forms(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Split "bare/definite" words into the bare ones and the definite form of each."""
    pairs = [word.split("/") for word in text.split()]
    return tuple(bare for bare, _ in pairs), dict(pairs)


_SV_THINGS, _SV_DEFINITE = _two_forms(
    "trädgård/Trädgården hus/Huset stad/Staden väg/Vägen dröm/Drömmen sång/Sången vinter/Vintern "
    "ö/Ön löfte/Löftet skugga/Skuggan bro/Bron brev/Brevet natt/Natten flod/Floden dans/Dansen "
    "tystnad/Tystnaden"
)
_DA_THINGS, _DA_DEFINITE = _two_forms(
    "have/Haven hus/Huset by/Byen vej/Vejen drøm/Drømmen sang/Sangen vinter/Vinteren ø/Øen "
    "løfte/Løftet skygge/Skyggen bro/Broen brev/Brevet nat/Natten flod/Floden dans/Dansen "
    "stilhed/Stilheden"
)
_TR_THINGS, _TR_BARE = _two_forms(
    "Bahçesi/Bahçe Evi/Ev Şehri/Şehir Yolu/Yol Rüyası/Rüya Şarkısı/Şarkı Kışı/Kış Adası/Ada "
    "Sözü/Söz Gölgesi/Gölge Köprüsü/Köprü Mektubu/Mektup Gecesi/Gece Nehri/Nehir Dansı/Dans "
    "Sessizliği/Sessizlik"
)


LEXICONS: Final[dict[str, Lexicon]] = {
    "es": Lexicon(
        ("ES", "MX", "AR", "CO", "CL"),
        True,
        _parts(
            "El jardín|La casa|La ciudad|El camino|El sueño|La canción|El invierno|La isla|"
            "La promesa|La sombra|El puente|La carta|La noche|El río|La danza|El silencio"
        ),
        _parts(
            "de la niebla|de los lobos|del mar|de la memoria|de las estrellas|de los muertos|"
            "de la primavera|de los cuervos|del fuego|de la luna|de los huérfanos|de cristal|"
            "del viento|del olvido"
        ),
        _parts("Inés|Begoña|Señora Ibáñez|Último verano|Corazón de sal|Mañana, Asunción|Año cero"),
        _after,
        _and("y"),
    ),
    "fr": Lexicon(
        ("FR", "BE", "CA", "CH"),
        True,
        _parts(
            "Le Jardin|La Maison|La Ville|La Route|Le Rêve|La Chanson|L'Hiver|L'Île|"
            "La Promesse|L'Ombre|Le Pont|La Lettre|La Nuit|Le Fleuve|La Danse|Le Silence"
        ),
        _parts(
            "de la brume|des loups|de la mer|de la mémoire|des étoiles|des morts|du printemps|"
            "des corbeaux|du feu|de la lune|des orphelins|de verre|du vent|de l'oubli"
        ),
        _parts(
            "Aurélie|Noémie et les autres|Zoé|Été à Brévannes|Où dort Hélène|Madame Gaëlle|"
            "Déjà l'aube"
        ),
        _after,
        _and("et"),
    ),
    "it": Lexicon(
        ("IT",),
        True,
        _parts(
            "Il giardino|La casa|La città|La strada|Il sogno|La canzone|L'inverno|L'isola|"
            "La promessa|L'ombra|Il ponte|La lettera|La notte|Il fiume|La danza|Il silenzio"
        ),
        _parts(
            "della nebbia|dei lupi|del mare|della memoria|delle stelle|dei morti|della primavera|"
            "dei corvi|del fuoco|della luna|degli orfani|di vetro|del vento|dell'oblio"
        ),
        _parts("Perché Nives|Là dove piove|Più forte, Ettore|Così, Livia|Lunedì|Caffè Aurora"),
        _after,
        _and("e"),
    ),
    "de": Lexicon(
        ("DE", "AT", "CH"),
        True,
        _parts(
            "Der Garten|Das Haus|Die Stadt|Die Straße|Der Traum|Das Lied|Der Winter|Die Insel|"
            "Das Versprechen|Der Schatten|Die Brücke|Der Brief|Die Nacht|Der Fluss|Der Tanz|"
            "Die Stille"
        ),
        _parts(
            "des Nebels|der Wölfe|des Meeres|der Erinnerung|der Sterne|der Toten|des Frühlings|"
            "der Krähen|des Feuers|des Mondes|der Waisen|aus Glas|des Windes|des Vergessens"
        ),
        _parts(
            "Grüße aus Lübben|Fräulein Jördis|Schöne Tage|Käthe|Über den Dächern von Görz|Für Ute"
        ),
        _after,
        _and("und"),
    ),
    "pt": Lexicon(
        ("BR", "PT"),
        True,
        _parts(
            "O Jardim|A Casa|A Cidade|A Estrada|O Sonho|A Canção|O Inverno|A Ilha|"
            "A Promessa|A Sombra|A Ponte|A Carta|A Noite|O Rio|A Dança|O Silêncio"
        ),
        _parts(
            "da névoa|dos lobos|do mar|da memória|das estrelas|dos mortos|da primavera|"
            "dos corvos|do fogo|da lua|dos órfãos|de vidro|do vento|do esquecimento"
        ),
        _parts("Até amanhã, Zélia|Coração de João|Irmãs|São Brás|Maçãs|O Avô"),
        _after,
        _and("e"),
    ),
    "nl": Lexicon(
        ("NL", "BE"),
        True,
        _parts(
            "De tuin|Het huis|De stad|De weg|De droom|Het lied|De winter|Het eiland|"
            "De belofte|De schaduw|De brug|De brief|De nacht|De rivier|De dans|De stilte"
        ),
        _parts(
            "van de mist|van de wolven|van de zee|van de herinnering|van de sterren|van de doden|"
            "van de lente|van de kraaien|van het vuur|van de maan|van de wezen|van glas|"
            "van de wind|van de vergetelheid"
        ),
        _parts("Meeuwen boven Oostzaan|Zoë en Daniël|Ruïne|Eén dag in maart"),
        _after,
        _and("en"),
    ),
    "pl": Lexicon(
        ("PL",),
        True,
        _parts(
            "Ogród|Dom|Miasto|Droga|Sen|Pieśń|Zima|Wyspa|Obietnica|Cień|Most|List|Noc|Rzeka|"
            "Taniec|Cisza"
        ),
        _parts(
            "mgły|wilków|morza|pamięci|gwiazd|umarłych|wiosny|kruków|ognia|księżyca|sierot|"
            "ze szkła|wiatru|zapomnienia"
        ),
        _parts("Małgorzata|Żółty śnieg|Ćma|Łucja z Łęgu"),
        _after,
        _and("i"),
    ),
    "sv": Lexicon(
        ("SE",),
        True,
        _SV_THINGS,
        _parts(
            "Dimmans|Vargarnas|Havets|Minnets|Stjärnornas|De dödas|Vårens|Kråkornas|Eldens|Månens|"
            "De föräldralösas|Glasets|Vindens|Glömskans"
        ),
        _parts("Måns och Märta|Änglavakt|Så länge Åsa sover|Sjöjungfrun i Växholm"),
        _before,
        lambda one, other: f"{_SV_DEFINITE[one]} och {_SV_DEFINITE[other].lower()}",
    ),
    "da": Lexicon(
        ("DK",),
        True,
        _DA_THINGS,
        _parts(
            "Tågens|Ulvenes|Havets|Mindets|Stjernernes|De dødes|Forårets|Kragernes|Ildens|Månens|"
            "De forældreløses|Glassets|Vindens|Glemslens"
        ),
        _parts("Søren og søen|Ærlige folk|Før Åse|Blå time"),
        _before,
        lambda one, other: f"{_DA_DEFINITE[one]} og {_DA_DEFINITE[other].lower()}",
    ),
    "tr": Lexicon(
        ("TR",),
        True,
        _TR_THINGS,
        _parts(
            "Sisin|Kurtların|Denizin|Hafızanın|Yıldızların|Ölülerin|Baharın|Kargaların|Ateşin|Ayın|"
            "Yetimlerin|Camın|Rüzgârın|Unutuşun"
        ),
        _parts("Gülşen'in Günlüğü|Çığlık|Şehre Dönüş|Işık"),
        _before,
        lambda one, other: f"{_TR_BARE[one]} ve {_TR_BARE[other]}",
    ),
    "ja": Lexicon(
        ("JP",),
        False,
        _parts("庭|家|街|道|夢|歌|冬|島|約束|影|橋|手紙|夜|川|踊り|沈黙"),
        _parts(
            "霧の|狼たちの|海の|記憶の|星々の|死者の|春の|鴉の|炎の|月の|孤児たちの|硝子の|風の|忘却の"
        ),
        _parts("さくらの駅|ナツキ、走る|東京ラプソディ|灯台守の娘|雨のち青空|となりの小鬼"),
        _joined,
        lambda one, other: f"{one}と{other}",
    ),
    "ko": Lexicon(
        ("KR",),
        False,
        _parts("정원|집|도시|길|꿈|노래|겨울|섬|약속|그림자|다리|편지|밤|강|춤|침묵"),
        _parts(
            "안개의|늑대들의|바다의|기억의|별들의|죽은 자들의|봄의|까마귀의|불의|달의|고아들의|"
            "유리|바람의|망각의"
        ),
        _parts("미래 씨의 하루|서울, 새벽 세 시|은지에게|마지막 검객|봄날의 식당"),
        _before,
        _korean_and,
    ),
    "zh": Lexicon(
        ("CN", "HK", "TW"),
        False,
        _parts("花园|家|城|路|梦|歌|冬|岛|诺言|影|桥|信|夜|河|舞|寂静"),
        _parts("雾之|狼之|海之|记忆之|星之|亡者之|春之|鸦之|火之|月之|孤儿之|玻璃之|风之|遗忘之"),
        _parts("上海夜雨|剑客归来|小玲的夏天|长河故事|红灯笼下"),
        _joined,
        lambda one, other: f"{one}与{other}",
    ),
    "hi": Lexicon(
        ("IN",),
        False,
        _parts("बाग़|घर|शहर|रास्ता|सपना|गीत|जाड़ा|टापू|वादा|साया|पुल|ख़त|अँधेरा|दरिया|नाच|सन्नाटा"),
        _parts(
            "धुंध का|भेड़ियों का|समंदर का|यादों का|सितारों का|मुर्दों का|बसंत का|कौवों का|आग का|"
            "चाँद का|अनाथों का|काँच का|हवा का|विस्मृति का"
        ),
        _parts("मीरा की दुनिया|दिल और दीवार|बारिश के बाद|रोहन का सफ़र|लाल हवेली"),
        _before,
        lambda one, other: f"{one} और {other}",
    ),
    "ru": Lexicon(
        ("RU",),
        False,
        _parts(
            "Сад|Дом|Город|Дорога|Сон|Песня|Зима|Остров|Обещание|Тень|Мост|Письмо|Ночь|Река|"
            "Танец|Тишина"
        ),
        _parts(
            "тумана|волков|моря|памяти|звёзд|мёртвых|весны|ворон|огня|луны|сирот|из стекла|ветра|"
            "забвения"
        ),
        _parts("Алёна|Дядя Федот|До свидания, Полина|Метель в Заречье|Последний трамвай"),
        _after,
        _and("и"),
    ),
    "uk": Lexicon(
        ("UA",),
        False,
        _parts(
            "Сад|Дім|Місто|Дорога|Сон|Пісня|Зима|Острів|Обіцянка|Тінь|Міст|Лист|Ніч|Річка|"
            "Танець|Тиша"
        ),
        _parts(
            "туману|вовків|моря|пам'яті|зірок|мертвих|весни|ворон|вогню|місяця|сиріт|зі скла|вітру|"
            "забуття"
        ),
        _parts("Їжак і яблуні|Ґанок|Степова казка"),
        _after,
        _and("і"),
    ),
    "ar": Lexicon(
        ("EG", "LB", "MA", "SA"),
        False,
        _parts("حديقة|بيت|مدينة|طريق|حلم|أغنية|شتاء|جزيرة|وعد|ظل|جسر|رسالة|ليل|نهر|رقصة|صمت"),
        _parts(
            "الضباب|الذئاب|البحر|الذاكرة|النجوم|الموتى|الربيع|الغربان|النار|القمر|الأيتام|الزجاج|"
            "الريح|النسيان"
        ),
        _parts("ليلى والمطر|شارع الياسمين|آخر القطارات"),
        _after,
        lambda one, other: f"ال{one} وال{other}",
    ),
    "th": Lexicon(
        ("TH",),
        False,
        _parts(
            "สวน|บ้าน|เมือง|ถนน|ความฝัน|บทเพลง|ฤดูหนาว|เกาะ|คำสัญญา|เงา|สะพาน|จดหมาย|ค่ำคืน|"
            "แม่น้ำ|ระบำ|ความเงียบ"
        ),
        _parts(
            "แห่งหมอก|แห่งหมาป่า|แห่งทะเล|แห่งความทรงจำ|แห่งดวงดาว|ของคนตาย|แห่งฤดูใบไม้ผลิ|"
            "ของอีกา|แห่งไฟ|แห่งดวงจันทร์|ของเด็กกำพร้า|แก้ว|แห่งสายลม|แห่งการลืมเลือน"
        ),
        _parts("มะลิกับสายฝน|ผีข้างบ้าน"),
        lambda thing, owner: f"{thing}{owner}",
        lambda one, other: f"{one}กับ{other}",
    ),
}
"""By ISO 639-1 code: every language of the catalogue but English."""


def native_title(language: str, thing: int, owner: int) -> str:
    """Return "the X of Y" in ``language``."""
    lexicon = LEXICONS[language]
    return _capital(lexicon.of(lexicon.things[thing], lexicon.owners[owner]))


def native_pair(language: str, one: int, other: int) -> str:
    """Return "the X and the Z" in ``language``."""
    lexicon = LEXICONS[language]
    return _capital(lexicon.both(lexicon.things[one], lexicon.things[other]))


def english_title(thing: int, owner: int) -> str:
    """Return what ``native_title`` means."""
    return f"The {THINGS[thing]} of {OWNERS[owner]}"


def english_pair(one: int, other: int) -> str:
    """Return what ``native_pair`` means."""
    return f"The {THINGS[one]} and the {THINGS[other]}"
