"""Plain words: the only ones a sentence may hold outside its slots, apart from values of a product's own row.

Whatever is not listed here might say something of a product that nobody checked, and fails. So a word belongs here
only if it is as true of one product as of the next: words that hold a sentence together, that present, recommend or
ask, and praise that measures nothing.
"""

from typing import Final

from recommender.conversation.lexicon import COURTESIES, STOP_WORDS
from recommender.text import fold, word_set


def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


_FUNCTION: Final = word_set(
    """
    a an the this that these those it its itself they them their i im ive id ill me my mine myself we us our you your
    youre youve youd youll yours yourself who whom whose which what and or but so if as because since while when where
    how why then though although whether of to in on at by with for from into onto through toward towards upon among
    alongside is are am be do does done did can could would should shall will may might must have has having also too
    very really something someone somebody next behind just quite well again still perhaps maybe indeed certainly
    surely truly simply here there yes oh please let lets such one ones together either even yet own
    """
)
_PRESENTING: Final = word_set(
    """
    hello hi welcome happy glad help helps helping pleasure thanks thank sorry afraid hope hoped hoping wish wished
    find finding found show shows showing shown look looks looked looking see seeing saw seen glance take taking taken
    took bring brings bringing brought give gives giving gave get gets getting got keep keeps keeping put puts putting
    begin begins beginning began start starts starting started end ending finish follow follows following suggest
    suggests suggested suggesting suggestion suggestions recommend recommends recommending recommendation
    recommendations propose proposing proposal consider considers considered considering consideration choose chooses
    choosing chose chosen choice choices pick picks picking picked select selected selecting selection selections opt
    option options think thinks thinking thought thoughts mind minds feel feels believe guess reckon imagine expect
    know knowing knew known learn learning understand understood meet met notice noticed introduce introducing present
    presenting presented point pointed pointing mention mentioned mentioning add added adding include included
    including come comes coming came go turn turned turning catch catches caught strike strikes struck sit sits
    sitting rest place places placed make makes making say says saying said tell tells telling told speak speaks word
    words ask asks asking asked answer answers answered question questions talk decide deciding decision try trying
    tried want wants wanted need needs needed would like likes liking prefer preferring enjoy enjoys enjoying love
    loves suit suits suited suiting fit fits fitting fitted match matches matched matching work works working matter
    matters interest interests interested tempt tempts tempting appeal appeals appealing mean means meant worth thing
    things item items piece product products idea ideas reason reasons list side way bit eye eyes moment time
    attention shop store request search message treat further hear hearing heard compare compared comparing learned
    gladly kept any smile smiles another other seem seems appear appears happily kindly gently describe describes
    described share shares sharing shared recall remember remembering remind reminds reach reaches agree wonder
    wondering explore exploring browse browsing peek celebrate celebrating invite invites inviting inspire inspires
    inspiring brighten brightens liven livens cheer cheers delight delights please pleases settle settles sum finally
    meanwhile lastly otherwise besides moreover along somewhere anyone whoever whichever
    """
)
_OPINIONS: Final = word_set(
    """
    simple nice nicely lovely good great fine pleasant pleasing charming delightful wonderful splendid pretty
    beautiful beautifully attractive handsome gorgeous elegant stylish graceful tasteful cheerful happy friendly
    inviting interesting remarkable fun merry jolly likeable thoughtful fitting suitable worthy worthwhile right ideal
    ideally perfect perfectly useful handy welcome obvious sure certain possible likely honest honestly frankly
    personal personally definitely absolutely admirable appealing calm cosy classy dainty dreamy endearing enchanting
    exciting fetching genial gentle homely humble irresistible lively memorable neat playful pleasurable proud
    romantic satisfying special striking tempting timeless understated unfussy whimsical wise witty promising
    favourable decent peaceful uplifting glad delighted pleased keen eager fond thrilled candidate contender companion
    addition delight joy character personality presence touch feeling impression gift present surprise treat find
    adorable agreeable captivating characterful charismatic engaging enjoyable exquisite fabulous fantastic glorious
    joyful lovable magical magnificent marvellous notable noteworthy quaint radiant serene soothing spirited
    superb terrific thrilling
    """
)
_SETTINGS: Final = word_set(
    """
    home house household kitchen breakfast lunch dinner room bedroom bathroom hallway garden office place corner
    evening evenings morning mornings afternoon afternoons birthday birthdays wedding anniversary occasion occasions
    celebration party holiday friend friends family families mother father mum dad sister brother aunt uncle
    grandmother grandfather wife husband partner child children colleague colleagues neighbour neighbours guest guests
    host hostess visitor visitors person taste tastes style styles mood life lifestyle routine habit habits plan plans
    project everyday journey trip outing walk
    """
)
_SEARCHING: Final = word_set(
    """
    went searched searching shows everything anything something nothing anywhere elsewhere whole another other further
    direction currency compared apply applied price prices limit limits wish wishes loosen loosening widen widening
    narrow narrowing spend spending budget budgets hear heard else matched meeting instead range ranges detail details
    colour colours full taste stay exactly drop dropped shopping shopper different way ways sound sounds handle feel
    free photo photos picture pictures english
    """
)

ALWAYS_PLAIN: Final = _folded(_FUNCTION | _PRESENTING)
"""Plain even where a catalogue has a value spelt like one of them."""

PLAIN_UNLESS_SOLD: Final = _folded(_OPINIONS | _SETTINGS) - ALWAYS_PLAIN
"""Plain as long as no row of the catalogue has it as a value: where "Elegant" is a style it is a fact."""

SETTINGS: Final = _folded(_SETTINGS) - ALWAYS_PLAIN
"""Those of them that titles, too, make a fact: where a product is a "Party Bag", "party" says what it is."""


BESIDE_A_WISH: Final = _folded(
    word_set(
        """
        i im ive you youd your me we my a an the and or but so as of to in on at by with for from up between without
        would like want wanted wish wished ask asked say said mind hope hoped have had am do did does is here there
        look looked looking search searched went go through see show find found came come what which that where shop
        again then also still not no could can cannot couldnt set setting aside let letting left leave leaving out put
        putting drop dropped dropping give gave giving know sure meant mean place placed understand understood make
        sense limit limits price prices currency apply applied compare compared use something else instead following
        follows follow fit fitted match matched matching full hello hi welcome afraid sorry thank thanks please happy
        glad help will shall word words because request keep kept another how are some idea ideas pick picks choice
        choices suggestion suggestions option options thing things ones under below within over above exactly shown
        """
    )
)
"""The words beside a wish: none of them can make it a fact about what is shown, as "all of these are" would."""

PHOTO_WORDS: Final = word_set("photo picture")

BESIDE_A_PHOTO: Final = (
    _folded(
        word_set(
            """
            sent shared sharing show shows showing seem seems appear appears notice noticed spot spotted catch catches
            recognise believe guess reckon begin beginning start starting take taking took lovely nice thank thanks
            look looks
            """
        )
    )
    | PHOTO_WORDS
    | BESIDE_A_WISH
) - {"no", "not", "cannot", "couldnt", "without"}
"""The words beside what a photo shows."""

SEARCH_PLAIN: Final = _folded(_SEARCHING | STOP_WORDS | COURTESIES) | BESIDE_A_WISH
"""Plain where no product is named."""

_CONTRACTIONS: Final = {
    "im": "i'm",
    "ive": "i've",
    "id": "i'd",
    "ill": "i'll",
    "youre": "you're",
    "youve": "you've",
    "youd": "you'd",
    "youll": "you'll",
    "couldnt": "couldn't",
    "lets": "let's",
}
_LABELS: Final = word_set("price cost costs costing priced brand category colour size material made pattern coloured")
_CONNECTING: Final = word_set(
    """
    not no nor cannot some only out down about around sense sent was had set setting aside leave leaving left drop
    dropping dear little meets before beside none rather under over above below between within up without photo picture
    """
)

PROSE_WORDS: Final = frozenset(
    _CONTRACTIONS.get(word, word)
    for word in _FUNCTION | _PRESENTING | _OPINIONS | _SETTINGS | _SEARCHING | _LABELS | _CONNECTING
)
"""What a constrained writer's prose is made of, as it is spelt; where a word may stand, the check says."""
