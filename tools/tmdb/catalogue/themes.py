"""The words of each genre: what its titles are made of and what its stories are about."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """One genre's vocabulary.

    ``events`` complete "A <role> ..."; ``turns`` are sentences of their own.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    roles: tuple[str, ...]
    events: tuple[str, ...]
    turns: tuple[str, ...]
    taglines: tuple[str, ...]
    keywords: tuple[str, ...]


def _theme(nouns: str, adjectives: str, *lists: str) -> Theme:
    """Read a theme: words parted by spaces, then the other fields' entries parted by bars."""
    return Theme(
        tuple(nouns.split()),
        tuple(adjectives.split()),
        *(tuple(part.strip() for part in text.split("|")) for text in lists),
    )


ACTION: Final = _theme(
    "Reckoning Bullet Vanguard Strike Protocol Fury Outpost Extraction Crossfire Hammer Breach "
    "Warhead Falcon Cartel Detonator Pursuit Siege Payback",
    "Iron Burning Final Broken Relentless Rogue Scorched Hostile Armoured Double Maximum Fallen",
    "former paratrooper|disgraced bodyguard|getaway driver|bomb-disposal sergeant|retired spy|"
    "dockyard brawler|stunt rider",
    "is framed for a bombing and has one night to find who set it|"
    "breaks out of a floating prison to reach a kidnapped sister|"
    "takes one last job guarding a witness nobody wants alive|"
    "discovers that the convoy under escort carries the city's stolen gold|"
    "hunts the mercenaries who burned the old quarter to the ground|"
    "must cross a locked-down capital before the bridges are blown",
    "Every ally has a price, and by morning most of them have been paid.|"
    "The enemy knows each move before it is made.|"
    "Old comrades stand on the wrong side of the barricade.|"
    "There are nine minutes, four floors and no ammunition left.",
    "No way back.|Count your bullets.|Some debts are paid in fire.|Run out of road.",
    "revenge|mercenary|car chase|hostage|assassin|martial arts|one man army|prison escape|"
    "explosion|betrayal|arms dealer|helicopter|bounty hunter|shootout",
)

ADVENTURE: Final = _theme(
    "Expedition Compass Voyage Caravan Summit Treasure Atlas Horizon Schooner Relic Monsoon "
    "Jungle Passage Meridian Cataract Map",
    "Uncharted Golden Forgotten Boundless Sunken Emerald Lost Southern Endless Hidden Wild",
    "mapmaker|young deckhand|botanist|orphaned pilot|disbelieved explorer|mule driver",
    "follows half a map into a valley that no expedition has left|"
    "sails beyond the last lighthouse to find a vanished brother|"
    "joins a caravan of liars in search of a buried observatory|"
    "crash-lands on an island where every village tells a different story of its past|"
    "races a ruthless collector to the source of a river",
    "The mountain keeps what it is given.|The closer the prize, the fewer friends remain to "
    "share it.|"
    "What waits at the end of the map is older than any map.|"
    "The way home turns out to be the harder half.",
    "Go further.|Every map ends somewhere.|The wind has other plans.",
    "treasure hunt|expedition|island|jungle|lost city|map|shipwreck|desert|survival|mountain|"
    "pirate|archaeologist|river|race against time",
)

FAMILY: Final = _theme(
    "Puppy Balloon Treehouse Snowman Marmalade Kite Parade Teapot Sparrow Button Lantern Pony "
    "Biscuit Whistle Umbrella Hedgehog",
    "Little Marvellous Curious Clever Runaway Magic Brave Sleepy Smallest Jolly Secret",
    "ten-year-old inventor|shy postman|grandmother with a secret|lost otter|"
    "twelve-year-old detective|"
    "retired circus elephant",
    "finds a door in the school boiler room that opens on last summer|"
    "has until the first snow to bring the town's stolen music back|"
    "adopts a stray that turns out to be the queen's own messenger|"
    "enters the village boat race with a bathtub and three ducks|"
    "must learn to fly before the others leave for the south",
    "Together they learn that being small is not the same as being weak.|"
    "The grown-ups, as ever, are the last to notice.|"
    "A friend turns up where nobody thought to look.|"
    "It will take the whole street to put things right.",
    "Bigger than it looks.|Bring the whole street.|Every tail tells a tale.",
    "friendship|talking animal|dog|grandparents|school|christmas|inventor|sibling relationship|"
    "magic|village|lost pet|fairy tale|holiday|birthday",
)

COMEDY: Final = _theme(
    "Wedding Landlord Weekend Disaster Neighbours Alibi Casserole Divorce Reunion Understudy "
    "Honeymoon Tuba Barbecue Raffle Cousin Plumber",
    "Perfect Accidental Reluctant Terrible Slightly Unbearable Wrong Borrowed Modest Second "
    "Awkward",
    "failed magician|wedding planner|supply teacher|bankrupt baker|overqualified temp|"
    "professional apologiser",
    "agrees to impersonate the groom at a wedding of three hundred strangers|"
    "inherits a hotel whose guests refuse to leave|"
    "accidentally enters the mayoral race and starts to win it|"
    "must share a one-room flat with the ex, the ex's mother and a parrot|"
    "loses a priceless violin on the night bus",
    "Then the in-laws arrive.|Nothing goes according to plan, chiefly because there was no plan.|"
    "By Sunday half the town is in on it.|The lie grows legs, then a budget.",
    "What could go wrong?|They said plus one.|Please do not RSVP.",
    "wedding|mistaken identity|road trip|family relationships|office|neighbour|satire|"
    "best friend|small town|slapstick|dating|in-laws|midlife crisis|roommates",
)

CRIME: Final = _theme(
    "Heist Ledger Informer Syndicate Alibi Verdict Vault Racket Confession Counterfeit Precinct "
    "Fence Wiretap Ransom Testimony Docks",
    "Crooked Cold Dirty Silent Unmarked Blind Guilty Bitter Concrete Midnight Honest",
    "safe-cracker|burnt-out detective|forger's daughter|court stenographer|night-shift constable|"
    "crooked accountant",
    "plans to rob the only bank that cannot report it|"
    "finds a murdered man's confession to a crime not yet committed|"
    "keeps two sets of books for two rival families, until they marry|"
    "goes undercover in a bakery that launders more than aprons|"
    "reopens the case that made a whole precinct rich",
    "Someone in the crew is talking.|The harbour gives up a body every spring, and this one has "
    "a badge.|"
    "Loyalty is counted in unmarked notes.|By the time the verdict falls, nobody in the room is "
    "innocent.",
    "Everybody signs.|Follow the ledger.|The house always remembers.",
    "heist|detective|murder investigation|corruption|organized crime|undercover|police|drug trade|"
    "bank robbery|serial killer|courtroom|gangster|blackmail|witness protection",
)

DOCUMENTARY: Final = _theme(
    "Glacier Harvest Archive Orchard Tide Loom Reef Cathedral Factory Beekeeper Border Potter "
    "Delta Choir Quarry Grain",
    "Living Vanishing Ordinary Untold Last Patient Common Deep Human Quiet Northern",
    "seed collector|deep-sea diver|choir of retired miners|village schoolteacher|glacier scientist|"
    "family of puppet makers",
    "is followed through one year of drought and one day of rain|"
    "opens an archive that was sealed for sixty years|"
    "tries to save the last workshop on a street of towers|"
    "records the sound of every bell along the coast before they fall silent|"
    "returns to the border town that changed country four times",
    "Shot over nine years, it is a portrait of patience.|"
    "The film lets the landscape have the last word.|"
    "What begins as a farewell becomes a beginning.|"
    "Unseen footage tells another story than the official one.",
    "Look closer.|The record speaks.|A year, a place, a trade.",
    "nature|interview|archive footage|climate change|biography|history|wildlife|food|politics|"
    "craftsmanship|ocean|sports|environment|social issues",
)

DRAMA: Final = _theme(
    "Orchard Inheritance Letter Daughter Harbour Confession Piano Window Debt Season Departure "
    "Kitchen Silence Ferry Bread Lighthouse Fathers Threshold",
    "Quiet Ordinary Tender Unfinished Distant Bitter Long Borrowed Fragile Grey Open",
    "retired lighthouse keeper|young widow|piano tuner|night nurse|ferry captain|seamstress|"
    "schoolteacher near retirement",
    "returns to the house by the estuary that nobody would buy|"
    "receives a letter posted thirty years ago|"
    "takes in the child of the man who ruined the family|"
    "has one summer to decide who will keep the orchard|"
    "begins to lose her memory on the eve of her daughter's wedding|"
    "is asked to identify a man who has been alive all along|"
    "sells the piano and finds what was hidden in it|"
    "learns that the stranger in the next bed is a brother",
    "What was never said at the table must be said at last.|"
    "Some doors are only closed from the inside.|"
    "Forgiveness, it turns out, has a price of its own.|"
    "A small kindness sets everything in motion.|"
    "Neither of them is ready for how the summer ends.",
    "Some letters arrive on time.|What we leave at the door.|Nobody leaves the table.",
    "family relationships|grief|small town|coming of age|mother daughter relationship|illness|"
    "loneliness|friendship|inheritance|immigration|father son relationship|memory|poverty|"
    "single mother|class differences|redemption",
)

FANTASY: Final = _theme(
    "Crown Dragon Sorcerer Thorn Oracle Wyvern Spell Raven Throne Ember Grimoire Changeling "
    "Moonstone Giant Rune Tower",
    "Enchanted Hollow Silver Cursed Ninth Sleeping Eternal Whispering Ashen Starless Elder",
    "apprentice spell-binder|exiled prince|goatherd with the second sight|thief of names|"
    "clockwork knight|river witch",
    "steals a crown that remembers everyone who wore it|"
    "is chosen by a sword that wants to retire|"
    "wakes a dragon to settle a question of inheritance|"
    "must carry the last winter across a kingdom at war|"
    "bargains away a shadow and goes to fetch it back",
    "The old gods have not forgotten what they were promised.|"
    "Every spell is paid for, though seldom by the one who casts it.|"
    "Beyond the hedge the war has never ended.|"
    "The prophecy was a forgery, and the forger is afraid.",
    "Magic keeps accounts.|Wake the mountain.|Beware the ninth door.",
    "magic|dragon|prophecy|witch|kingdom|curse|quest|sword|fairy|parallel world|wizard|"
    "mythical creature|chosen one|enchanted forest",
)

HISTORY: Final = _theme(
    "Empire Treaty Regiment Banner Armistice Cavalry Crown Trench Fleet Rebellion Courier "
    "Fortress Bayonet Surrender Frontline Senate",
    "Crimson Last Royal Fallen Winter Forgotten Thousand Loyal Divided Marching Scarlet",
    "field surgeon|court painter|signal officer|ferryman pressed into service|"
    "translator at the peace talks|"
    "drummer boy",
    "carries a sealed order between two armies that have stopped taking prisoners|"
    "paints the portrait of a queen who has already been condemned|"
    "keeps a bridge open for three days after the war is lost|"
    "hides an enemy pilot in the bell tower|"
    "discovers that the treaty about to be signed was written by its victims' jailer",
    "History would remember the battle and not their names.|"
    "On the far bank an old friend commands the guns.|"
    "The ceasefire will come at eleven, and not a minute before.|"
    "Between duty and mercy lies a field of snow.",
    "One bridge. Three days.|The order was never given.|For the ones the songs forgot.",
    "world war ii|based on true story|soldier|royalty|revolution|battle|biography|politics|"
    "19th century|resistance|empire|prisoner of war|medieval|espionage",
)

HORROR: Final = _theme(
    "Cellar Hollow Marsh Marrow Lullaby Effigy Well Crypt Hunger Scarecrow Attic Seance Moth "
    "Wake Vigil Teeth Skin Basement",
    "Black Rotten Hungry Unquiet Sallow Drowned Pale Crawling Buried Faceless Red",
    "hospice nurse|house-sitter|parish archivist|sleep researcher|gravedigger's apprentice|"
    "family of five",
    "moves into a farmhouse whose cellar is longer every night|"
    "answers a lullaby sung through the baby monitor|"
    "uncovers the well that the village agreed to forget|"
    "is the only one to remember the child in the photograph|"
    "takes the night shift in a morgue where the count is always one too many",
    "It does not come in until it is thanked.|Whatever was buried there has learned their names.|"
    "No one has slept on the second floor since.|"
    "The scratching starts at three, and it is getting closer.",
    "Do not answer it.|It was never empty.|Count them again.|Sleep tight.",
    "haunted house|ghost|possession|slasher|found footage|demon|zombie|cult|folk horror|vampire|"
    "supernatural|gore|nightmare|monster|survival horror",
)

MUSIC: Final = _theme(
    "Overture Chorus Encore Trumpet Nocturne Refrain Vinyl Ballad Cabaret Rhythm Serenade "
    "Soprano Metronome Tambourine Tango Jukebox",
    "Electric Velvet Blue Restless Loud Borrowed Off-Key Midnight Southern Solo Golden",
    "washed-up crooner|deaf drummer|conservatory dropout|wedding-band singer|"
    "roadie of thirty years",
    "writes one perfect song and cannot remember for whom|"
    "forms a brass band out of a laid-off shipyard|"
    "has a week to replace the soprano of a doomed opera|"
    "takes the old tour bus on one more round of empty halls|"
    "hears a stolen melody on the radio and follows it home",
    "The last encore belongs to nobody.|Between two chords there is room for a whole life.|"
    "Fame arrives late and leaves early.",
    "One more time.|Play it wrong.|Louder than the rain.",
    "singer|band|concert|musical|jazz|opera|songwriter|dance|rock music|orchestra|talent show|"
    "punk rock",
)

MYSTERY: Final = _theme(
    "Riddle Cipher Guest Portrait Witness Corridor Labyrinth Key Clockmaker Boathouse Initials "
    "Alias Telegram Mirror Vanishing Manor",
    "Seventh Locked Missing Nameless Unsigned Crooked Hidden Invisible Second Unopened Veiled",
    "crossword setter|hotel detective|portrait restorer|blind clockmaker|village librarian|"
    "insurance investigator",
    "finds a second signature under the varnish|"
    "receives an invitation to the funeral of someone still alive|"
    "counts thirteen guests at a dinner laid for twelve|"
    "decodes the diary of a girl who left by a locked door|"
    "notices that every witness describes the same stranger in the same words",
    "Everyone at the manor has an alibi, and it is the same one.|"
    "The answer has been in the photograph all along.|"
    "Somebody is tidying the evidence away, kindly and in order.|"
    "The closer the truth comes, the more familiar it looks.",
    "Look under the varnish.|Thirteen sat down.|The door was locked.",
    "whodunit|missing person|amnesia|secret|murder mystery|conspiracy|double life|detective|"
    "investigation|diary|disappearance|twist ending|mansion|unsolved case",
)

ROMANCE: Final = _theme(
    "Kiss Summer Valentine Letter Waltz Bouquet Umbrella Balcony Promise Stranger Rendezvous "
    "Postcard Heart Spring Orchid Lovers",
    "Sweet First Sudden Impossible Late Tender Foolish Distant Borrowed Second Reckless",
    "florist who has given up on love|divorced pilot|translator of love letters|pastry chef|"
    "lighthouse painter|train conductor",
    "keeps meeting the same stranger on the wrong platform|"
    "answers letters meant for the flat's last tenant|"
    "must plan the wedding of the one who got away|"
    "promises to marry the first person who can bake a certain grandmother's cake|"
    "spends one missed connection in a city neither of them can pronounce",
    "Timing, as both of them know, is everything.|"
    "Love, like the last train, does not wait to be understood.|"
    "It was only meant to last until the rain stopped.|Then a second letter arrives.",
    "Mind the gap.|Wrong platform, right time.|Until the rain stops.",
    "love triangle|first love|wedding|second chance|letters|paris|unrequited love|summer|"
    "secret relationship|enemies to lovers|marriage|long distance relationship|holiday romance|"
    "heartbreak",
)

SCIENCE_FICTION: Final = _theme(
    "Orbit Signal Meridian Colony Synthetic Horizon Singularity Drift Android Parallax Array "
    "Eclipse Satellite Exodus Paradox Beacon Module",
    "Silent Infinite Zero Artificial Distant Stellar Binary Deep Recursive Cold Quantum",
    "salvage pilot|cryogenics technician|radio astronomer|android nanny|colony judge|memory editor",
    "picks up a distress call in a voice that nobody else could have sent|"
    "hears her own voice in a distress call|"
    "wakes forty years early aboard a ship of sleepers|"
    "is ordered to switch off the machine that raised a whole settlement|"
    "repairs a clock that runs one day ahead of the world|"
    "guards the last tree on a station of nine thousand souls",
    "The colony votes on Sunday, and oxygen is on the ballot.|"
    "What answered from the dark was not a stranger.|"
    "Somewhere in the loop is the moment that can be changed.|"
    "Earth has stopped transmitting.",
    "Listen closely.|It has your voice.|Nine thousand souls. One tree.",
    "time travel|artificial intelligence|space travel|alien|dystopia|robot|clone|spaceship|"
    "post-apocalyptic future|virtual reality|time loop|mutation|cyberpunk|space station",
)

THRILLER: Final = _theme(
    "Witness Passenger Alibi Deadline Informant Silence Intruder Leverage Surveillance Caller "
    "Countdown Trigger Hostage Decoy Accomplice Stranger",
    "Dead Perfect Hidden Final Unknown Narrow Blind Cold Fatal Double Watchful",
    "emergency dispatcher|court interpreter|insurance assessor|night-train steward|private tutor|"
    "whistle-blowing chemist",
    "takes a call that was made from her own house|"
    "is handed a phone by a stranger, already ringing|"
    "recognises a kidnapper's voice at a school concert|"
    "is the only passenger whose name is not on the list|"
    "discovers a camera in the wall, and forty years of tape|"
    "must keep a stranger talking until dawn",
    "Somebody is always one floor above.|The police have the wrong name, the right address and "
    "ten minutes.|"
    "The only way to stop it is to finish it.|Trust is a luxury, and the bill is due.",
    "Stay on the line.|Ten minutes.|They know the address.",
    "conspiracy|kidnapping|surveillance|stalker|psychopath|paranoia|cat and mouse|home invasion|"
    "hitman|double cross|hostage situation|obsession|cover-up|psychological thriller",
)

WESTERN: Final = _theme(
    "Saddle Gallows Canyon Stagecoach Sheriff Homestead Buckskin Mesa Tombstone Posse Stallion "
    "Sagebrush Spur Ranch",
    "Dusty Lonesome Crooked Hanging High Dry Broken Silver Red Last",
    "one-eyed sheriff|runaway mail-order bride|preacher with a past|stagecoach driver|"
    "cattle rustler's son",
    "rides into a town that has hanged its last honest man|"
    "must drive two hundred head across the land of an old enemy|"
    "buys a silver claim that three men have died for|"
    "comes home to find the railway running through the family graves",
    "At noon the street is empty, and everyone is watching.|There is one well, and two families.|"
    "The law is four days' ride away.",
    "One well. Two families.|High noon comes early.",
    "gunfight|sheriff|outlaw|cattle drive|frontier|duel|railway|gold rush|ranch|revenge",
)

TELEVISION: Final = _theme(
    "Street Kitchen Morning Contest Village Desk Garden Week Challenge Panel Table Newsroom",
    "Great Late Daily Open Live Big Good Weekly Golden",
    "well-loved presenter|team of amateur bakers|panel of retired judges|newsroom of beginners|"
    "street of eleven families",
    "invites the week's unlikeliest guests to one long table|"
    "sets twelve strangers the task of restoring a derelict pier|"
    "follows the secrets, weddings and feuds of one tidal village|"
    "takes the day's stories apart and puts them back together|"
    "hands the kitchen over to people who have never boiled an egg",
    "Somebody goes home every Friday.|Old rivals turn up with new partners.|"
    "Not everything that is said is broadcast.",
    "Every Friday.|Pull up a chair.",
    "talk show|reality competition|cooking|soap opera|interview|news|game show|celebrity|"
    "panel show|"
    "renovation|family feud",
)

THEMES: Final[dict[int, Theme]] = {
    28: ACTION,
    10759: ACTION,
    12: ADVENTURE,
    16: FAMILY,
    10751: FAMILY,
    10762: FAMILY,
    35: COMEDY,
    80: CRIME,
    99: DOCUMENTARY,
    18: DRAMA,
    10770: DRAMA,
    14: FANTASY,
    36: HISTORY,
    10752: HISTORY,
    10768: HISTORY,
    27: HORROR,
    10402: MUSIC,
    9648: MYSTERY,
    10749: ROMANCE,
    878: SCIENCE_FICTION,
    10765: SCIENCE_FICTION,
    53: THRILLER,
    37: WESTERN,
    10763: TELEVISION,
    10764: TELEVISION,
    10766: TELEVISION,
    10767: TELEVISION,
}
"""By genre id, of films and of series."""

KEYWORDS: Final[dict[int, str]] = {
    9_000 + 7 * index: word
    for index, word in enumerate(
        sorted({word for theme in THEMES.values() for word in theme.keywords})
    )
}
"""Keyword names by id."""

KEYWORD_IDS: Final[dict[str, int]] = {word: key for key, word in KEYWORDS.items()}

KEYWORD_IDS_OF_GENRE: Final[dict[int, tuple[int, ...]]] = {
    genre: tuple(KEYWORD_IDS[word] for word in theme.keywords) for genre, theme in THEMES.items()
}
