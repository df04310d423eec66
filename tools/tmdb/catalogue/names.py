"""Given and family names by the language that a person works in."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NameStock:
    """Names of one language, romanised as credit lists have them."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _stock(women: str, men: str, families: str) -> NameStock:
    return NameStock(*(tuple(names.split()) for names in (women, men, families)))


NAMES: Final[dict[str, NameStock]] = {
    "en": _stock(
        "Ada Bridget Clara Dorothea Edith Fiona Greta Hazel Imogen Josie Keira Lena Mara Nell "
        "Odette Paige Rosalind Sadie Tamsin Una Verity Willa Yvonne Zoë Marlowe June Ruth Odessa",
        "Abel Barnaby Caleb Desmond Elliot Felix Gideon Hollis Ivo Jasper Kit Lionel Magnus Ned "
        "Oscar Percy Quentin Rufus Silas Theo Ulric Vernon Wesley Ambrose Calvin Dexter Otis Roy",
        "Abernathy Ashdown Barlow Bexley Calloway Carraway Denholm Dunmore Ellery Fairweather "
        "Fenwick Garrow Hargrave Hathersage Ives Jessop Kettering Larkspur Lockhart Marchetti "
        "Merriweather Nightingale Oakes Okafor Osei Pellew Penhaligon Quarles Radcliffe Ransome "
        "Sallow Sinclair Stroud Tallis Thackeray Underhill Vance Vickery Wainwright Whitlock "
        "Winslow Yardley Adeyemi Brannigan Castellane Delacroix Eastman Farrow Gallagher Holt",
    ),
    "es": _stock(
        "Inés Belén Carmen Dolores Elvira Lucía Marisol Nuria Pilar Rocío Sofía Ximena Itziar "
        "Leonor",
        "Álvaro Bruno Ciro Diego Emilio Gael Íñigo Joaquín Lisandro Mateo Nicolás Rubén Tomás "
        "Víctor",
        "Aranda Belmonte Cañizares Durán Echeverría Fuentes Garrido Huerta Ibáñez Lozano Montalbán "
        "Núñez Olmedo Pizarro Quiroga Rosales Salvatierra Urrutia Valdés Zubiri",
    ),
    "fr": _stock(
        "Amandine Bérénice Céleste Delphine Élodie Fleur Geneviève Hélène Inès Juliette Maëlle "
        "Noémie Océane Solène",
        "Anatole Bastien Cédric Damien Étienne Florent Gaël Hugo Jérôme Léo Maxence Noé Rémi "
        "Thibault",
        "Aubertin Beaumanoir Chastel Delorme Écrivain Fontanel Garonne Hébrard Jourdan Lacombe "
        "Marchand Noailles Perrault Quesnel Rochefort Saint-Aubin Tourneur Valcourt",
    ),
    "it": _stock(
        "Alba Bianca Chiara Donatella Elettra Fiamma Ginevra Ilaria Livia Mirella Ornella Serena",
        "Achille Brando Corrado Dario Ettore Fabrizio Guido Leandro Massimo Nevio Orlando Saverio",
        "Albanese Bellandi Cardinale Donati Esposito Falcone Grimaldi Lombardi Montefiore Nardò "
        "Orsini Pellegrini Quaranta Salvini Tornabuoni Vitali",
    ),
    "de": _stock(
        "Anneliese Brigitte Dörte Elke Franziska Gisela Heike Ingrid Jördis Liesl Mechthild Ulla",
        "Albrecht Bruno Detlef Emil Friedrich Günther Henrik Jürgen Konrad Lothar Matthias Rüdiger",
        "Achternbusch Brandauer Dörfler Eichinger Falkenrath Grünwald Hölderlin Kästner Lindner "
        "Morgenstern Nussbaum Oberländer Rosenthal Sägebrecht Wackernagel Zöllner",
    ),
    "pt": _stock(
        "Beatriz Conceição Eunice Fernanda Graça Iara Joana Luísa Marília Raquel Tainá Zélia",
        "Afonso Caetano Davi Fábio Gonçalo Heitor João Leandro Murilo Otávio Rui Sebastião",
        "Abrantes Barreto Camargo Damasceno Falcão Guimarães Leitão Magalhães Noronha Peixoto "
        "Queirós Sampaio Teles Vasconcelos",
    ),
    "ja": _stock(
        "Aiko Chihiro Emi Fumiko Hana Kaede Mariko Natsuki Rei Sakura Tomoe Yui",
        "Akira Daichi Eiji Goro Haruto Jiro Kenta Makoto Ren Shinji Takumi Yosuke",
        "Aoyama Endo Fujimori Hayasaka Igarashi Kanzaki Kurosaki Minamoto Nakahara Ogata Saionji "
        "Shirakawa Tachibana Uehara Yagami Yoshinaga",
    ),
    "ko": _stock(
        "Ae-ra Bo-young Eun-ji Ha-neul Ji-won Mi-rae Na-ri Seo-yeon So-hee Yoo-jin",
        "Chang-min Dong-hyun Gi-tae Ho-jun Jae-sung Kyung-soo Min-ho Sang-woo Tae-yang Woo-jin",
        "Ahn Bae Cheon Do Eom Gong Han Im Jang Kwon Ma Nam Oh Pyo Ryu Seol Tak Won Yang",
    ),
    "zh": _stock(
        "Bingbing Fenfang Huiling Jiayi Lanxin Meiling Qiuyue Ruolan Xiaotong Yawen",
        "Bolin Dawei Feng Guowei Haoran Jianyu Kaige Wenlong Xiaobo Zhenyu",
        "Bai Cao Deng Fang Gao Hu Jiang Kong Liang Meng Ning Pan Qian Ren Shao Tang Wei Xue Yan "
        "Zhao",
    ),
    "hi": _stock(
        "Aditi Bhavna Deepika Gauri Ishita Kavya Lavanya Meera Nandini Pooja Radhika Shreya",
        "Aarav Bhaskar Dev Gautam Harish Jatin Kabir Manoj Nikhil Pranav Rohan Vikram",
        "Agnihotri Bakshi Chaturvedi Deshmukh Gokhale Iyer Joshi Kulkarni Malhotra Naidu Pillai "
        "Qureshi Rathore Saxena Trivedi Vaidya",
    ),
    "ru": _stock(
        "Alyona Darya Evgenia Galina Irina Ksenia Larisa Marfa Nadezhda Polina Svetlana Yulia",
        "Arkady Bogdan Dmitri Fyodor Grigori Ilya Kirill Leonid Maxim Nikita Pavel Timofey",
        "Abramov Belinsky Chernov Dobrynin Gorbunov Kalashnik Lebedinsky Morozov Obolensky "
        "Platonov "
        "Razin Sokolov Turov Volkonsky Zhdanov",
    ),
    "sv": _stock(
        "Astrid Birgitta Ebba Gunilla Ingmarie Kerstin Lovisa Måna Sigrid Tyra",
        "Anders Björn Einar Gösta Håkan Jörgen Lennart Måns Sixten Åke",
        "Almqvist Bergström Dahlgren Ekelöf Fågelström Hallström Lindgårdh Nyström Sjöberg Ångman",
    ),
    "pl": _stock(
        "Agnieszka Bożena Danuta Elżbieta Grażyna Jadwiga Krystyna Łucja Małgorzata Zofia",
        "Bolesław Czesław Grzegorz Jacek Kazimierz Łukasz Mieczysław Paweł Stanisław Zbigniew",
        "Borowczyk Dąbrowski Głowacki Jędrusik Kłosiński Mączka Pszoniak Świderski Wójcik Żuławski",
    ),
    "tr": _stock(
        "Ayşe Belgin Çiğdem Defne Elif Feride Gülşen Leyla Nurgül Şebnem",
        "Ahmet Burak Cüneyt Doğan Erdal Halit İlker Kadir Özgür Yılmaz",
        "Akçay Bozkurt Çelik Demirkan Erdoğdu Güneş Karaca Öztürk Şahin Yıldız",
    ),
    "th": _stock(
        "Achara Busaba Dao Kanya Malee Nittaya Pim Ratana Siri Wipa",
        "Anan Chai Decha Kittisak Niran Prasert Somsak Thana Veera Wichai",
        "Boonmee Charoensuk Intharat Kaewmanee Phromma Rattanakosin Saetang Thongchai Wattana",
    ),
    "ar": _stock(
        "Amal Dalal Farida Hanan Jamila Layla Mariam Nadia Salma Yasmin",
        "Adel Bassam Faris Hisham Karim Majid Nabil Omar Tarek Youssef",
        "Al-Amin Barakat Darwish El-Masri Fahmy Haddad Kassab Mansour Nasrallah Shahin Zaki",
    ),
}
"""By ISO 639-1 code; ``stock_of`` says which stock serves a language without its own."""

_SERVED_BY: Final = {"da": "sv", "nl": "de", "uk": "ru"}


def stock_of(language: str) -> str:
    """Return the key of ``NAMES`` for people who work in ``language``."""
    code = _SERVED_BY.get(language, language)
    return code if code in NAMES else "en"


FAMILY_NAME_FIRST: Final = frozenset({"ko", "zh"})
"""Where credit lists put the family name before the given name."""
