"""Lists of words by which texts are compared: what says nothing, forms, endings, opposites."""

from __future__ import annotations

STOP_WORDS = """
yes نعم
a an the this that these those of in on at to from by for with about as into over after before
between during under and or but nor so if then than is are was were be been being am do does did
doing done has have had having will would can could shall should may might must not no it its he
him his she her they them their theirs we us our you your i me my who whom whose which what when
where why how many much there here also just very more most some any all each every other such s
t re ve ll d one's according text passage context question answer please name tell give state
based mentioned type kind called used use من الي علي عن في مع هذا هذه ذلك تلك التي الذي الذين ما
ماذا متي اين كيف لماذا كم اي ايه هل هو هي هم كان كانت يكون تكون قد لقد ان انه انها او ثم و ف ب ل
ك لا لم لن ليس ليست غير كل بعض بين عند عندما منذ حتي بعد قبل خلال كما لكن اذا لدي له لها لهم به
بها فيه فيها منه منها عليه عليها النص السوال الاجابه اسم اذكر اعط تم يتم حيث وهو وهي مما
"""
"""Words that do not say what a text is about; Arabic ones are folded."""
FORMS = """
win won / build built / write wrote written / lead led / begin began begun / make made / take
took taken / fight fought / become became / give gave given / know knew known / find found /
hold held / lose lost loss / buy bought / sell sold / go went gone / come came / see saw seen /
speak spoke spoken / choose chose chosen / rise rose risen / fall fell fallen / draw drew drawn
/ grow grew grown / teach taught / bring brought / think thought / mean meant / keep kept /
leave left / send sent / spend spent / run ran / die death dead / bear born / break broke broken
/ say said / tell told / stand stood / wear wore worn / sing sang sung / swim swam / drive drove
driven / eat ate eaten / fly flew flown / throw threw thrown / steal stole stolen / man men /
woman women / child children / foot feet / life lives / wife wives
"""
"""A word, then forms of it that no ending tells."""
ENDINGS = """
ational>at ations>at ation>at ating>at ated>at ates>at ate>at ements> ement> ments> ment>
iness>y ness> ities> ity> ingly> ings> ing> iest>y ier>y ied>y ies>y edly> ers> er> ors> or> ed>
ions> ion> als> al> ly> es> s> e>
"""
"""English endings, longest first, and what is put in their place."""
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
OPPOSITES = """
first last / before after / most least / more less / more fewer / increase decrease / rise fall
/ north south / east west / northern southern / eastern western / large small / largest smallest
/ biggest smallest / high low / highest lowest / long short / longest shortest / old young /
oldest youngest / oldest newest / early late / earliest latest / begin end / start end / start
finish / open close / win lose / victory defeat / add remove / allow forbid / accept reject /
support oppose / agree disagree / include exclude / male female / man woman / father mother /
son daughter / brother sister / husband wife / king queen / good bad / best worst / strong weak
/ strongest weakest / fast slow / hot cold / rich poor / above below / upper lower / maximum
minimum / majority minority / permanent temporary / public private / legal illegal / possible
impossible / common rare / buy sell / import export / arrive depart / enter leave / appear
disappear / successful unsuccessful / known unknown / like unlike / gain lose / left right /
inside outside / internal external / attack defend / create destroy / ancient modern / major
minor / positive negative / simple complex / اول اخر / قبل بعد / اكثر اقل / زياده نقصان / ارتفع
انخفض / ازداد انخفض / شمال جنوب / شرق غرب / شمالي جنوبي / شرقي غربي / كبير صغير / اكبر اصغر /
اعلي ادني / اطول اقصر / اقدم احدث / بدايه نهايه / بدا انتهي / فاز خسر / نصر هزيمه / ذكر انثي /
رجل امراه / اب ام / ابن ابنه / اخ اخت / ملك ملكه / جيد سيي / افضل اسوا / قوي ضعيف / اقوي اضعف /
سريع بطيي / حار بارد / غني فقير / فوق تحت / عام خاص / ممكن مستحيل / شايع نادر / اشتري باع / داخل
خارج / قديم حديث / بسيط معقد / اقليه اغلبيه
"""
"""Words that turn a statement into another; Arabic ones are folded."""
NEGATIONS = """
not no never none neither nor without except cannot nobody nothing nowhere unable fail refuse
unless hardly deny لم لن ليس ليست لا غير دون بدون عدا باستثناء سوي الا
"""
"""Words that deny or leave out; Arabic ones are folded."""
