"""The second checker's own word lists. They were written for it alone and are not those of the grounding."""

from typing import Final


def listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _verb_forms(bases: str) -> frozenset[str]:
    """A regular verb's forms; forms that do not exist do no harm."""
    forms: set[str] = set()
    for base in bases.split():
        stem = base.removesuffix("e")
        y = base[:-1] + "i" if base.endswith("y") and base[-2] not in "aeou" else stem
        forms |= {base, f"{base}s", f"{base}es", f"{y}es", f"{y}ed", f"{stem}ing", f"{base}ing", f"{base}{base[-1]}ing"}
        forms.add(f"{base}{base[-1]}ed")
    return frozenset(forms)


FUNCTION: Final = listed(
    """
    a an the this that these those it its itself they them their theirs themselves he she his her him i me my mine
    myself we us our ours ourselves you your yours yourself who whom whose which what whatever whichever whoever
    and or
    but so if as because since while when whenever where wherever how why then though although whether of to in
    on at by
    with for from into onto through toward towards upon among amongst alongside between beside besides is are am was
    were be been being do does did done doing can could should shall will would may might must ought has have
    had having
    also too very really quite rather fairly somewhat just only even still yet again ever always often sometimes never
    not no nor none nothing something anything everything someone somebody anyone anybody somewhere anywhere elsewhere
    here there yes oh ah ok okay well now please let such one ones each every any some all both either neither other
    others another else than about above below under over within without up down out off away back along around across
    near behind next after before during until once again further however moreover meanwhile otherwise instead
    therefore thus hence indeed perhaps maybe possibly probably certainly surely definitely truly simply actually
    honestly frankly clearly obviously naturally personally especially particularly mainly mostly already currently
    today lately i'm i've i'd i'll you're you've you'd you'll it's it'd it'll that's there's here's let's we're we've
    we'd we'll they're they've what's who's how's where's isn't aren't wasn't weren't don't doesn't didn't can't
    cannot couldn't won't wouldn't shouldn't hasn't haven't hadn't mustn't etc per via upon own same unless whereas
    plus almost nearly roughly approximately exactly first last finally lastly secondly firstly more most less least
    much many few little lot lots bit against despite throughout beneath underneath opposite past versus concerning
    regarding considering following amid aboard unto whereby notwithstanding somehow someway anyhow anyway somewhat
    sometime altogether namely likewise nonetheless nevertheless accordingly consequently incidentally
    evidently apparently presumably hopefully thankfully luckily sadly unfortunately fortunately strangely
    oddly curiously interestingly importantly notably admittedly understandably arguably undoubtedly undeniably
    """
)

_PRESENTING: Final = _verb_forms(
    """
    look show present suggest recommend propose offer consider point mention note notice add include pick select
    choose
    prefer enjoy like love adore appreciate admire fancy favour hope wish want need ask answer tell say talk
    speak call
    help assist guide try start begin end finish close continue follow stop pause wait visit shop browse search seek
    explore discover check compare decide settle judge weigh think believe feel guess reckon suppose imagine expect
    wonder know learn understand remember recall remind recognise realise see view watch glance peek study read hear
    listen meet greet welcome thank treat pamper spoil surprise delight please charm cheer brighten lift warm tempt
    attract appeal interest intrigue inspire impress strike catch grab deserve earn merit suit fit match
    complement work
    belong pair combine join stand sit rest lie go come turn move bring take carry give get receive keep hold
    put place
    set leave lay seem appear sound look mean matter count happen help share send describe explain clarify
    narrow widen
    loosen tighten broaden refine adjust change switch miss lack skip pass drop ignore respect honour apply use handle
    understand own cost price sell pay spend afford buy order make craft create produce design build fashion manage
    wrap sum round stay live play step walk run spot find introduce invite encourage promise assure apologise regret
    care mind dare bear agree disagree accept refuse reject deem regard rate praise smile laugh dream relax celebrate
    gift return act fall raise rise touch reach draw fill allow enable serve provide feature wear adorn grace
    smile nod
    wink whisper dazzle excite amuse rejoice hesitate linger long crave cherish value trust welcome concern
    relate refer
    lean steer nudge point land arrive appeal plan picture imagine dream wander roam hunt gather collect list
    group sort
    order head lead guide push hug swoon melt sway win earn claim fare cope manage bother worry puzzle ponder muse
    reflect weigh sleep tinker nominate vote champion back support stress underline highlight single crown
    """
) | listed(
    """
    saw seen went gone came took taken gave given got found thought felt knew known told said spoke spoken heard met
    brought kept held stood sat lay left put made meant chose chosen began begun struck caught bought sold paid spent
    understood wrote written sent led read shown worn drawn fell fallen rose kept lost sought sung taught won
    """
)

PRAISE: Final = listed(
    """
    adorable admirable agreeable alluring amazing appealing artful attractive beautiful beautifully beauty beloved
    bewitching brilliant captivating carefully characterful charismatic charming charm charms cheerful cheery
    cherished
    class classy clever comely compelling cool cosy cute dainty darling decent delicious delight delightful
    delightfully
    dependable desirable distinctive distinguished divine dreamy elegance elegant elegantly enchanting endearing
    engaging enjoyable enticing excellent exciting exquisite eye-catching fabulous fair fancy fantastic fashionable
    favourable festive fetching fine fitting flattering friendly fun funny gem genial gentle glamorous glorious
    glowing
    good goodness gorgeous grace graceful gracious grand great handsome happily happy handy harmonious heavenly hearty
    homely honest humble ideal ideally idyllic impressive inspired inspiring interesting inviting irresistible
    jolly joy
    joyful joyous keen kind kindly likeable lively love-worthy loveliness lovely lovable lucky magical magnificent
    marvellous marvelous memorable merry neat nice nicely nifty noble notable noteworthy outstanding peaceful perfect
    perfectly personable phenomenal pleasant pleasantly pleasing pleasure plucky poetic polished praiseworthy pretty
    prettily pride promising proper proud quaint quiet quietly radiant refined refreshing remarkable right romantic
    satisfying sensational sensible serene showy simple sleek smart smashing smile smiles soothing sophisticated
    special
    spirited splendid splendour stately striking stunning stylish sublime subtle superb sweet sweetly tasteful
    tasteful
    tempting terrific thoughtful thrilling timeless tidy top-notch treasure treat treats tremendous trendy true
    uncomplicated understated unfussy uplifting useful vibrant warm welcome whimsical winning winsome wise wonderful
    wonderfully wondrous worth worthwhile worthy wow yummy zesty zest character personality presence spirit soul
    flair playful
    calm witty suitable liven livens brighten personal
    warmly gladly genuinely absolutely wholeheartedly readily effortlessly instantly entirely completely totally
    utterly
    fully deeply dearly highly truthfully sincerely admittedly seriously wonder wonders gladness enthusiasm affection
    fondness love loves smiling crush soft-spot weakness thumbs cheerfulness enthusiastic smitten taken
    appeal allure style mood vibe feeling
    """
)

TALK: Final = listed(
    """
    hello hi hey dear good morning afternoon evening night welcome thanks thank sorry afraid glad happy pleased
    delighted
    pleasure bye goodbye cheers apologies question questions answer answers word words idea ideas suggestion
    suggestions
    recommendation recommendations option options choice choices alternative alternatives possibility possibilities
    candidate candidates contender companion pick picks selection list lists thing things item items piece pieces
    product products article articles find finds present presents gift gifts surprise surprises treat treats example
    instance kind kinds sort sorts type way ways direction detail details search searches request requests wish wishes
    taste tastes preference preferences need needs reason reasons matter matters mind minds eye eyes heart hearts
    attention moment moments time times glance look looks view sense thought thoughts opinion point points start
    starts
    place places beginning end case case side sides hand hands help hint hints tip tips favour chance match matches
    limit limits budget budgets price prices cost costs currency money shop store catalogue assortment range ranges
    basket cart wishlist wish-list photo photos picture pictures image images snapshot colour colours size sizes
    material materials brand brands maker makers category categories pattern patterns feature features style styles
    design stock shopper shoppers person people somebody friend friends family mother father mum dad sister brother
    aunt uncle grandmother grandfather wife husband partner colleague neighbour birthday anniversary wedding occasion
    occasions celebration christmas holiday party day life world name names list lines news note notes conversation
    chat message messages turn turns sure certain uncertain clear unclear possible impossible likely unlikely obvious
    exact full whole entire complete main different similar new old next previous recent available unavailable usual
    ready able unable willing free open quick quickly soon slowly straight directly straightforward easy easily hard
    difficult simple fond curious eager grateful thankful kind wrong best better fewer second third close closer quite
    alone together apart aside ahead forward tag shade shelf behalf total sum difference average amount number natural
    addition additions pity shame safe side aim goal purpose chance luck mood decision decisions advice clue
    clues doubt
    doubts fact facts focus form heart impression impressions instinct judgement journey manner method moment mystery
    nature occasion outcome path patience plan plans promise proof quest relief respect result results role rule rules
    secret shortlist sign situation solution spirit step steps story stories subject success summary support
    task theme
    theory top topic track tradition truth turn vision voice vow whim willingness inspiration admirer admirers
    fan fans
    answerable glimpse guidance hesitation highlight inkling intuition invitation liking longing nod notion
    recommendation remark remarks reply suggestion temptation thanks verdict vote winner contention own home
    fault trouble problem problems none quality expensive inexpensive cheap cheaper cheapest dearer pricier
    affordable popular favourite home plain
    corner corners garden house hallway room rooms bedroom bathroom kitchen office household everyday routine lifestyle
    habit host hostess visitor visitors guest guests outing trip journey breakfast lunch dinner
    """
) - listed("plain popular favourite quality")

EVERYDAY: Final = FUNCTION | _PRESENTING | PRAISE | TALK
"""Words that say nothing of a product which a row could bear out or refute."""

WORLD: Final[dict[str, frozenset[str]]] = {
    "color": listed(
        """
        red blue green yellow orange purple pink brown black white grey gray beige cream ivory navy teal turquoise
        burgundy maroon crimson scarlet olive mustard gold golden silver bronze copper violet lilac lavender magenta
        cyan khaki tan amber coral indigo charcoal mint peach rose ruby emerald multicoloured colourful transparent
        """
    ),
    "material": listed(
        """
        cotton wool linen silk leather suede velvet denim polyester nylon acrylic plastic rubber silicone ceramic
        porcelain stoneware earthenware terracotta glass crystal steel iron brass metal aluminium zinc copper wood
        wooden oak pine bamboo cedar acacia rattan wicker jute canvas felt fleece cashmere merino lambswool paper
        cardboard concrete marble stone slate enamel wax beeswax nubuck mesh spandex lycra organic recycled
        """
    ),
    "pattern": listed("striped stripe spotted spotty dotted floral checked tartan plaid paisley speckled patterned"),
    "feature": listed(
        """
        waterproof washable recyclable vegan handmade wireless rechargeable foldable portable insulated breathable
        hypoallergenic reversible adjustable durable sustainable ethical electric automatic dishwasher microwave
        """
    ),
}

GRADED: Final = listed(
    """
    nice pretty fine soft hard light heavy warm cool cold hot big small large tiny long short tall wide narrow thick
    thin deep high low strong weak sturdy tough fast slow quick new old young bright dark clean smooth rough
    sharp sweet
    rich fresh smart simple safe comfy cosy cute easy handy lovely happy cheap dear pricey great grand kind wise neat
    fancy fair close near late early plain pure rare quiet calm gentle clever elegant classy sleek tidy bold
    brave loud
    dry wet clear steady healthy funny silly lucky trendy mighty flat full round crisp broad dense firm loose tight
    """
)
_DOUBLED: Final = {"big", "thin", "hot", "wet", "flat", "sad", "fat", "red"}


def _graded(adjective: str) -> set[str]:
    stem = adjective + adjective[-1] if adjective in _DOUBLED else adjective.removesuffix("e")
    stem = stem[:-1] + "i" if stem.endswith("y") else stem
    return {f"{stem}er", f"{stem}est"}


COMPARATIVES: Final = (
    frozenset(form for word in GRADED for form in _graded(word))
    | listed(
        """
    better best worse worst superior inferior superlative ultimate unbeatable unrivalled unmatched unequalled peerless
    supreme finest top leading premier identical alike beats outshines outlasts outdoes surpasses exceeds tops rivals
    equals resembles unlike outperforms trumps favourite unique exclusive rarest
    """
    )
) - listed("later latter nearer cheaper dearer pricier")
"""Forms that compare; what is cheaper or dearer is recomputed instead."""

SERVICE: Final = listed(
    """
    deliver delivers delivered delivery deliveries ship ships shipped shipping dispatch dispatched dispatches postage
    courier parcel mail posted arrive arrives arriving discount discounts discounted sale sales reduced reduction
    voucher vouchers coupon coupons code cashback rebate promotion promotional promo clearance deal deals bargain
    bargains warranty warranties guarantee guaranteed guarantees refund refunds refunded refundable exchange exchanged
    exchangeable returnable returns insured covered cover repair repairs replace replaced replacement reserve reserved
    rating ratings rated star stars review reviews reviewed reviewer award awards awarded award-winning bestseller
    bestsellers bestselling famous renowned acclaimed trending sought-after iconic certified tested approved authentic
    genuine gift-wrapped giftwrap instalments credit loan trial
    """
)
DATES: Final = listed(
    """
    tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday january february april
    june july
    august september october november december week weeks weekend month months year years decade decades century
    centuries hour hours minute minutes overnight annual daily weekly monthly spring summer autumn winter yearly
    """
)
AUDIENCES: Final = listed(
    """
    child children kid kids boy boys girl girls baby babies toddler toddlers teenager teenagers teen teens adult
    adults
    man men woman women gentleman gentlemen lady ladies bride brides beginner beginners expert experts professional
    professionals student students dog dogs cat cats pet pets grandmother grandfather mother mothers father fathers
    friend friends colleague colleagues guest guests wife husband partner aunt uncle sister sisters brother brothers
    family families neighbour neighbours grandparents parents parent mum dad visitor visitors host hostess
    """
)
SMALL: Final = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS: Final = {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
QUANTITIES: Final = listed(
    """
    half halve double doubled twice triple dozen dozens couple pair pairs hundreds thousands percent % quarter third
    fourth fifth several numerous million pack
    """
)
SLANG: Final = {"fiver": 5, "tenner": 10, "grand": 1_000}
