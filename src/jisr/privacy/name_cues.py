"""Words that tell what a name beside them is: of a person, a place or an organisation."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(words.split())


ORGANIZATION_HEADS = word_set(
    "university univeristy college school academy institute institution hospital clinic bank "
    "ministry department agency authority commission council committee association foundation "
    "federation union society church mosque corporation company group holdings holding partners "
    "associates industries enterprises solutions services systems technologies technology "
    "consulting consultants logistics airlines airline airways motors pharmaceuticals insurance "
    "hotel restaurant cafe museum library theatre theater studio studios press publishing media "
    "centre center laboratories laboratory labs lab club team trust fund capital ventures energy "
    "construction realty properties foods farms stores store shop market pharmacy kindergarten "
    "polytechnic embassy consulate court police army navy airport station mall resort software "
    "networks telecom electronics engineering manufacturing trading international brewing rentals "
    "landscaping utilities movers brands seeds bakery salon"
)
"""Lower-case words that are the head of an organisation's name."""
ORGANIZATION_ENDS = word_set(
    "inc incorporated llc llp ltd limited plc gmbh ag sa sarl sas srl spa bv nv oy ab as kg co "
    "corp corporation pty pte pvt lp kk sae fze fzco wll bhd"
)
"""Lower-case words that end a firm's name."""
ORGANIZATION_BEFORE = word_set(
    "company firm startup employer brand vendor supplier customer client organization "
    "organisation corporation bank university college school hospital hotel restaurant airline "
    "joined join founded bought sued website companies store shop became acquired"
)
"""Lower-case words after which an organisation is named."""
ORGANIZATION_AFTER = word_set(
    "company business office website app brand team store group companies refinery airline "
    "university college school hospital hotel ceo cfo employees employee headquarters inc ltd llc "
    "limited corporation employs acquired branch subsidiary"
)
"""Lower-case words before which an organisation is named."""
PLACE_BEFORE = word_set(
    "in from to at near around visit visiting via leaving toward towards outside inside across "
    "city town village province state region district county country moved travel "
    "traveling travelling fly flew flying arrived arrive arriving born based located"
)
"""Lower-case words after which a place may be named."""
PERSON_BEFORE = word_set(
    "dear hi hello hey thanks regards sincerely cheers by named called name with meet met ask "
    "asked tell told call contact cc attn attention love yours mate miss manager boss "
    "wife husband son daughter brother sister mother father friend colleague partner neighbour "
    "neighbor cousin nephew niece uncle aunt fiancé fiancee starring directed author artist "
    "singer player actor actress founder owner patient tenant landlord teacher professor student "
    "ceo president senator judge am i'm i’m be and tribute leave says said replied added "
    "answered remember thank invite invited married divorced hired fired"
)
"""Lower-case words after which a person may be named."""
PERSON_AFTER = word_set(
    "said says told asked wrote writes called calls thinks wants lives lived works worked was is "
    "has had and who born joined replied sent agreed asks moved went came flew spent listed "
    "commented posted retired died visited bought paid owns runs teaches studies"
)
"""Lower-case words before which a person may be named."""
SAID_OF_THINGS = word_set("is was has had and who")
"""Those of the last that are as often said of things."""
OWNED_BY_BODY = word_set(
    "address office offices headquarters website branch founder founders ceo employee employees "
    "customer customers member members shares owner staff director services products clients "
    "account department subsidiary part"
)
"""Lower-case words after which, and `of`, an organisation is named."""
ANSWERS = word_set("can could please would will thanks thank are do did i i'm i’m you")
"""Lower-case words that may follow the name of one who is spoken to, and a comma."""
NO_NAMES = word_set(
    "sir madam i a an the this that these those there here he she it we you they my your his her "
    "its our "
    "their who what when where why which how whose whom is are was were be been do does did has "
    "have had can could will would shall should may might must if then than and or but nor so as "
    "at by for from in into of off on onto out over to up with without about after before between "
    "no not yes please thank thanks dear hi hello hey ok okay sure well just only also very more "
    "most less least all any some each every both few many much other another such own same one "
    "two three four five six seven eight nine ten first second third last next new old good best "
    "let get got make made see say said go going come write rewrite create give list tell show "
    "explain describe find use using add make translate summarize generate provide check correct "
    "edit improve fix help note subject re fw fwd cc bcc ps regards sincerely cheers best kind "
    "warm yours faithfully truly good morning afternoon evening night day today tomorrow yesterday "
    "user bot assistant system human ai customer agent client name address email phone mobile fax "
    "tel date time title company city state country zip website web page section chapter table "
    "figure question answer step steps part option note notes example summary introduction "
    "conclusion abstract background objective objectives skills experience education references "
    "profile contact responsibilities requirements description overview"
)
"""Lower-case words that are no name however they are written, at a sentence's start at least."""
