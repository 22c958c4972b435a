"""Words of the synthetic load: invented names and Danish plan texts in everyday language."""

from collections.abc import Mapping
from typing import Final

GIVEN: Final = (
    *("Anne", "Mette", "Kirsten", "Hanne", "Fatima", "Sofie", "Ida", "Freja", "Emma", "Karla"),
    *("Birgit", "Aisha", "Signe", "Louise", "Camilla", "Rikke", "Tove", "Maja", "Zainab", "Line"),
    *("Peter", "Jens", "Lars", "Ali", "Mikkel", "Emil", "Oliver", "Søren", "Niels", "Hassan"),
    *(
        "Kasper",
        "Jonas",
        "Bjarne",
        "Mohamed",
        "Victor",
        "Frederik",
        "Aksel",
        "Ivan",
        "Tomas",
        "Åge",
    ),
)
MIDDLE: Final = (
    "Bakke",
    "Holm",
    "Lund",
    "Krogh",
    "Dahl",
    "Winther",
    "Friis",
    "Juhl",
    "Kjær",
    "Bech",
)
SURNAME: Final = (
    *("Engsvale", "Havbjerg", "Stenlund", "Rødkær", "Lyngmose", "Birketoft", "Sandvang"),
    *("Vestergrav", "Mosegren", "Klitmark", "Fjordby", "Askholt", "Bøgedal", "Elmevang"),
    *("Granskov", "Hedegren", "Kornblad", "Lindekilde", "Nørreeng", "Ravnsøe", "Skovlund"),
    *("Tranebær", "Uglebjerg", "Viborgsen", "Ørnedal", "Åkande", "Demirkan", "Haddadi"),
    *("Nowicki", "Yusufzai", "Petrosyan", "Le Thanh", "Okafor", "Jovanovik"),
)
STREETS: Final = (
    *("Bøgestien", "Havnegårdsvej", "Kornblomstvej", "Lærkebakken", "Møllestræde", "Ravnsgade"),
    *("Skovbrynet", "Stationsgyden", "Teglværkstoften", "Ved Åen"),
)
COMPANIES: Final = (
    *("Blåhejrens Lager", "Egeløvets Byggecenter", "Fjordens Autoværksted", "Gartneriet Solstrejf"),
    *("Havterne Transport", "Kløverbageriet", "Møllens Trykkeri", "Nordlysets Plejecenter"),
    *(
        "Ravnehusets Køkken",
        "Stenurts Maskinfabrik",
        "Tangloppens Fiskehal",
        "Vibens Kontorservice",
    ),
)
PROVIDERS: Final = (
    *("Kursuscenter Saltlyng", "Uddannelseshuset Åmosen", "Sprogskolen Morgenlys"),
    *("Erhvervsskolen Ravkorn", "Træningshuset Fodfæste", "Rådgivningen Medvind"),
    *("Hjælpemiddelhuset Skumfjord", "Værkstedet Højbord"),
)
COURSES: Final = (
    *("Jobsøgning og cv", "Gaffeltruck B", "It til kontoret", "Hygiejne i køkkenet", "FVU-læsning"),
    *("Lager og logistik", "Regnskab for begyndere", "Varme arbejder", "Førstehjælp på jobbet"),
)
EDUCATIONS: Final = (
    *("Social- og sundhedshjælper", "Tømreruddannelsen", "Elektriker", "HF-enkeltfag", "Kok"),
    *("Pædagogisk assistent", "Lager- og terminaluddannelsen", "Smed", "Kontoruddannelsen"),
)
FUNCTIONS: Final = (
    *("Praktisk arbejde i køkken", "Pasning af grønne områder", "Enkelt kontorarbejde"),
    *("Opgaver på et lager", "Service i en butik", "Arbejde med dyr"),
)
INDUSTRIES: Final = ("Handel", "Transport", "Byggeri", "Sundhed", "Industri", "Service")

OPENINGS: Final = (
    "Tak for en god samtale. Vi så på, hvad du har prøvet siden sidst, og hvad der gav mening "
    "for dig.",
    "Vi talte om de job, du har søgt, og om hvorfor nogle af svarene trak ud.",
    "Du fortalte, at hverdagen er kommet mere på plads, og at du gerne vil et skridt videre nu.",
    "Vi gennemgik din plan sammen og rettede det, der ikke passer længere.",
    "Du har været til to samtaler hos arbejdsgivere og kan godt se dig selv det ene af stederne.",
    "Vi talte om dine timer, og om hvordan du kan nå frem med bus eller på cykel.",
)
STEPS: Final = (
    "Du ringer selv til tre virksomheder inden næste samtale og skriver ned, hvad de svarer.",
    "Du opdaterer dit cv, så det viser de maskiner, du har arbejdet med.",
    "Jeg undersøger, om der er en ledig plads på kurset, og giver dig besked i løbet af ugen.",
    "Du møder op på stedet den første dag klokken otte og spørger efter din kontaktperson.",
    "Vi aftalte, at du søger bredt, også i nabokommunerne, så længe turen er under en time.",
    "Du taler med din læge om, hvor mange timer du kan holde til, og fortæller mig det bagefter.",
)
CLOSINGS: Final = (
    "Skriv eller ring, hvis noget driller. Vi følger op, næste gang vi ses.",
    "Det er i orden at sige til, hvis tempoet bliver for højt.",
    "Næste gang ser vi på, om aftalen skal justeres.",
    "Du ved selv bedst, hvad der virker, så tag endelig dine egne forslag med.",
)
WHY: Final = (
    "Du vil gerne tættere på et job, hvor du kan bruge det, du allerede kan, og her møder du "
    "folk i faget.",
    "Du mangler lidt erfaring, som mange arbejdsgivere spørger efter. Den kan du få her i dit "
    "eget tempo.",
    "Du har selv foreslået det, fordi du lærer bedst, når du prøver tingene i praksis.",
    "Målet er flere timer med løn. Undervejs finder du ud af, hvilke opgaver der ligger godt "
    "til dig.",
    "Det giver en fast rytme i ugen og gør det lettere at komme videre bagefter.",
    "Når det her er på plads, har du mere overskud til at søge de job, du drømmer om.",
)
WHAT: Final[Mapping[str, tuple[str, ...]]] = {
    "CompanyIntervention": (
        "Du er med i den daglige drift og følger en fast kollega de første uger. Derefter får "
        "du egne opgaver, og vi ser sammen på timerne undervejs.",
        "Du pakker, rydder op og hjælper kunderne. Virksomheden vil gerne lære dig at kende, "
        "før de ansætter nogen til foråret.",
        "Du prøver kræfter med faget i trygge rammer. Hver fredag taler I om, hvordan ugen er "
        "gået, og hvad du gerne vil lære i den næste.",
    ),
    "EducationIntervention": (
        "Undervisningen foregår på et lille hold med plads til spørgsmål. Du får et bevis, som "
        "du kan lægge ved dine ansøgninger.",
        "Du følger kurset på hverdage og låner materialerne på stedet. Undervejs besøger holdet "
        "to virksomheder, der ansætter folk med kurset.",
    ),
    "MentorIntervention": (
        "Du mødes med en mentor en gang om ugen. I planlægger ugen, øver det svære og fejrer "
        "det, der lykkes.",
    ),
    "AidIntervention": (
        "Du låner udstyret, så længe du har brug for det på arbejdspladsen, og får en kort "
        "indføring i, hvordan det bruges.",
    ),
    "AssistanceIntervention": (
        "En kollega hjælper dig med de tunge løft og med at holde overblikket på travle dage.",
    ),
    "SocialHealthIntervention": (
        "Du møder de samme få mennesker hver uge, og forløbet begynder roligt. Sammen finder I "
        "ud af, hvad der hjælper dig i hverdagen.",
    ),
    "OtherIntervention": (
        "Vi har aftalt, at du går til møder med et lille netværk, hvor I deler job, I hører om, "
        "og læser hinandens ansøgninger.",
    ),
}
STATUSES: Final = (
    "Det går godt. Du møder til tiden, og stedet er glade for dig.",
    "Du har haft lidt fravær, men er i gang igen og vil gerne fortsætte.",
    "De første uger var svære, og nu kender du opgaverne.",
)
DESCRIPTIONS: Final = (
    "Du vil arbejde dig hen mod et job med faste rammer. Vi begynder med få timer, og hver "
    "tredje måned ser vi på, om du er klar til flere. Undervejs får du støtte til det, der "
    "fylder derhjemme.",
    "Din vej går gennem praktik, hvor du kan prøve forskellige opgaver af. Når du ved, hvad du "
    "trives med, finder vi et sted, hvor der kan blive løn for timerne.",
)
SUB_GOALS: Final = ("Have et opdateret cv", "Besøge to arbejdspladser", "Klare 15 timer om ugen")
REQUIREMENT: Final = (
    "Du søger de job, som du kan bestride med din erfaring, og som du kan nå inden for en time.",
    "Du søger bredt i branchen og holder øje med opslag hver dag.",
)
EXPECTATION: Final = (
    "Mindst to job om ugen på fuld tid. Det ene må gerne være uopfordret.",
    "Mindst ét job om ugen, og du tager telefonen, når en arbejdsgiver ringer.",
)
AID_CATEGORIES: Final = ("Arbejdsredskaber - hæve-sænkebord", "Arbejdsredskaber - høreudstyr")
CODED: Final[Mapping[str, tuple[str, str]]] = {
    "SOCIAL": ("SOCIAL", "Støttekontaktperson"),
    "HEALTH": ("HEALTH", "Genoptræning"),
    "OTHER_ADMINISTRATION": ("OTHER", "Økonomisk rådgivning"),
}
