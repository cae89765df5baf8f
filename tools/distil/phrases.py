"""Words and phrases for the invented everyday sentences of everyday.py.

A slot in braces is filled from the list of that name below, or from WordNet's nouns of that kind (see `KINDS` in
everyday.py). Nothing here is taken from a data set: the lists were written for this script.
"""

# What people do. Each phrase begins with its verb in the base form; everyday.py inflects it.
DEEDS = """
paint a picture of {place}|paint the {room} {colour}|draw {an_animal}|sketch {a_thing}|make {a_thing} out of clay
write a story about {an_animal}|write a poem|write in {their} journal|start a blog about {topic}|finish {their} novel
read a book about {topic}|read {their} favourite novel again|borrow a book from the library|join a book club
learn to play the {instrument}|practice the {instrument}|play {a_sport} with {friend}|play video games all night
win a {sport} tournament|lose the {sport} final|watch a movie about {topic}|watch the {sport} game|see a play
go to a concert with {friend}|go camping in {place}|go hiking near the {nature}|go swimming in the {nature}
go for a run in the park|go to the beach|go to the gym|go shopping for {clothes}|go to the dentist
visit {family} in {place}|visit a museum of {topic}|visit the {nature}|travel to {place}|fly to {place} for work
drive to {place}|take the train to {place}|take a road trip to {place}|miss {their} flight to {place}
cook {food} for dinner|bake {food} for {family}|try a new recipe for {food}|order {food}|eat {food} every morning
stop eating {food}|give up {food}|drink {drink} before bed|taste {food} for the first time|grow {plant} in the garden
plant {plant}|water the {plant}|adopt {an_animal}|feed the {animal}|walk the dog|take the {animal} to the vet
lose {their} {thing}|find an old {thing} in the attic|buy {a_thing}|sell {their} {thing}|repair {a_thing}
break {a_thing}|borrow {a_thing} from {friend}|lend {a_thing} to {friend}|clean the {room}|redecorate the {room}
move to {place}|move in with {friend}|rent an apartment in {place}|buy a house near the {nature}
start a new job as {a_job}|quit {their} job as {a_job}|apply for a job as {a_job}
interview for a position at {company}|get promoted at work|get fired from {company}|work as {a_job}|work from home
retire from teaching|open {a_shop}|start a business|launch a website about {topic}|invest in {topic}
give a talk on {topic}|teach a class on {topic}|study {topic}|graduate from college|fail the exam in {topic}
pass the driving test|take a course in {topic}|apply to graduate school|learn {language}|speak {language} at home
volunteer at {a_charity}|donate {clothes} to {a_charity}|raise money for {a_charity}|organize {an_event}
attend {an_event}|host {an_event}|plan {an_event}|cancel {an_event}|celebrate {their} birthday|get married in {place}
get engaged|break up with {their} {partner}|go on a date|have a baby|talk to {family} about {topic}
argue with {family} about {topic}|call {family}|miss {their} {relative}|apologize to {friend}
meet {friend} for {drink}|meet someone from {place}|make new friends|invite {friend} for dinner
write a letter to {friend}|get {an_illness}|recover from {an_illness}|see a doctor about {a_symptom}
have surgery on {their} {body}|hurt {their} {body}|break {their} {body}|start therapy|meditate every morning|do yoga
quit smoking|lose weight|sleep badly|feel {feeling}|worry about {topic}|think about {topic}|dream about {a_thing}
forget {their} {thing}|remember the {thing}|take photos of the {nature}|take a dance class|dance at {an_event}
sing in a choir|record a song about {feeling_noun}|listen to {music}|collect {things}|knit {clothes}|sew {clothes}
build {a_thing}|wear {clothes}|choose {clothes} for {an_event}|vote in the election|protest against {topic}
join a march for {topic}|win an award for {their} work|get a tattoo of {an_animal}|save money for {a_thing}
pay off {their} student loan|run a marathon|climb a mountain in {place}|surf|ski in {place}
see {an_animal} in the wild|spot {an_animal} near the {nature}|catch a fish|ride a horse|ride {their} bike to work
fix the {software}|deploy the {software}|write tests for the {software}|review the {software}|debug the {software}
rewrite the {software} in {tech}|migrate the {software} to {tech}|benchmark {tech}|set up {tech}|learn {tech}
remove {tech} from the project|document the {software}|release a new version of the {software}|profile the {software}
"""

LISTS = {
    "their": "their",
    "colour": "red blue green yellow purple orange white black grey pink turquoise brown golden",
    "room": "kitchen|bedroom|living room|garage|bathroom|office|garden|basement|balcony|studio|attic|nursery",
    "nature": (
        "lake river ocean forest mountain waterfall desert canyon island beach valley meadow volcano cave glacier"
    ),
    "instrument": "guitar piano violin drums flute saxophone cello trumpet ukulele clarinet harp banjo",
    "sport": ("soccer basketball tennis chess football baseball volleyball hockey badminton golf rugby cricket boxing"),
    "a_sport": ("soccer|basketball|tennis|chess|football|baseball|volleyball|hockey|badminton|golf|cards|board games"),
    "drink": "coffee tea beer wine juice lemonade milk cocoa water soda smoothies",
    "language": (
        "Spanish French German Italian Japanese Korean Chinese Arabic Portuguese Russian Hindi Dutch Swedish Turkish"
    ),
    "relative": (
        "mother father sister brother grandmother grandfather aunt uncle cousin nephew niece son daughter grandson"
    ),
    "family": (
        "{their} mother|{their} father|{their} sister|{their} brother|{their} grandmother|"
        "{their} grandfather|{their} aunt|{their} uncle|{their} cousin|{their} kids|{their} son|"
        "{their} daughter|{their} parents|{their} family|{their} husband|{their} wife|{their} in-laws"
    ),
    "partner": "boyfriend girlfriend husband wife partner fiancé fiancée",
    "friend": (
        "{name}|{name}|{name}|a friend|some friends|{their} best friend|{their} neighbor|a colleague|"
        "{their} boss|an old friend from school|{their} roommate|{their} team|a stranger"
    ),
    "clothes": (
        "shoes|a jacket|a dress|a scarf|socks|a hat|jeans|a sweater|boots|a suit|gloves|a shirt|a necklace|earrings"
    ),
    "music": (
        "jazz|classical music|rock music|hip hop|country music|folk songs|heavy metal|podcasts|the radio|"
        "opera|old records|electronic music"
    ),
    "things": "stamps coins records postcards sneakers shells comics stones mugs dolls figurines maps books toys",
    "a_charity": (
        "an animal shelter|a food bank|a homeless shelter|a hospital|a community center|an orphanage|"
        "a soup kitchen|the local library|a youth center|a nursing home|a hospice|a school"
    ),
    "an_event": (
        "a wedding|a birthday party|a workshop|a conference|a fundraiser|a festival|a parade|a retreat|"
        "a picnic|a family reunion|a graduation|an exhibition|a charity run|a game night|a barbecue|"
        "a funeral|a meeting|a baby shower|a book fair|an open mic night|a yard sale|a convention|an auction|"
        "a talent show|a poetry reading"
    ),
    "an_illness": (
        "the flu|a cold|a migraine|pneumonia|a fever|an infection|food poisoning|an allergy|asthma|"
        "a concussion|anxiety|depression|burnout|diabetes|high blood pressure|a stomach ulcer|covid|insomnia|"
        "arthritis|cancer"
    ),
    "a_symptom": (
        "back pain|a cough|headaches|a rash|a sore throat|dizziness|a fever|stress|chest pain|swelling|fatigue|nausea"
    ),
    "body": "arm leg ankle knee wrist shoulder back foot finger elbow nose hip toe neck hand rib",
    "feeling": (
        "happy|sad|nervous|proud|lonely|grateful|anxious|excited|exhausted|relieved|angry|inspired|"
        "overwhelmed|confident|hopeful|disappointed|calm|scared|stressed|homesick|jealous|embarrassed|"
        "thankful|motivated|bored|loved"
    ),
    "feeling_noun": (
        "love|grief|hope|joy|freedom|courage|friendship|loss|identity|acceptance|kindness|growing up|home|fear"
    ),
    "a_shop": (
        "a bakery|a coffee shop|a bookstore|a restaurant|a furniture store|a gym|a flower shop|a repair shop|"
        "an online store|a gallery|a food truck|a pet shop|a bar|a laundry|a hair salon"
    ),
    "company": (
        "a startup|a bank|a hospital|a law firm|a museum|an airline|a publisher|a software company|"
        "a car factory|a news agency|the city council|the university|a hotel|a record label|"
        "an insurance company|the post office"
    ),
    "quality": (
        "beautiful|terrible|amazing|boring|expensive|cheap|delicious|relaxing|exhausting|peaceful|fun|"
        "inspiring|scary|surprising|weird|difficult|easy|emotional|unforgettable|cozy|noisy|crowded|tasty|"
        "meaningful|challenging|rewarding"
    ),
    "software": (
        "parser|login page|database|test suite|build script|payment service|search index|scheduler|cache|"
        "API client|mobile app|dashboard|message queue|deployment pipeline|importer|mail server|rate limiter|"
        "backup job|config loader|error handler|memory leak|web server|docs site|billing job|"
        "command line tool|sync engine|embedding model|job runner"
    ),
    "tech": (
        "Python|TypeScript|Rust|Go|Java|SQLite|PostgreSQL|Redis|Docker|Kubernetes|React|Vue|GraphQL|gRPC|"
        "Kafka|Linux|Git|nginx|Terraform|Node.js|C++|Ruby|Swift|Kotlin|MongoDB|Elasticsearch|WebAssembly|"
        "pytest|CMake|Bash|YAML|JSON|OAuth|AWS"
    ),
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "month": "January February March April May June July August September October November December",
    "season": "spring summer autumn winter fall",
    "holiday": (
        "Christmas|Thanksgiving|Easter|New Year's Eve|Halloween|the holidays|Valentine's Day|"
        "the long weekend|spring break"
    ),
    "past": (
        "yesterday|last week|last {weekday}|last month|last year|two days ago|a few weeks ago|in {month}|"
        "in {year}|on {date}|this morning|last night|the other day|when I was {age}|during {holiday}|"
        "last {season}|{number} years ago|the week before {date}|on {weekday}|recently|a while ago|"
        "over the weekend|earlier today|back in {year}"
    ),
    "future": (
        "tomorrow|next week|next {weekday}|next month|next year|in {month}|on {date}|this weekend|tonight|"
        "soon|in a few days|during {holiday}|next {season}|in two weeks|later today|before {month}|at {hour}"
    ),
    "habit": (
        "every day|every {weekday}|twice a week|in the mornings|after work|on weekends|every {season}|"
        "most evenings|once a month|whenever it rains|all the time|when I feel {feeling}|since {year}|"
        "these days|nowadays"
    ),
    "hour": "7 am|8 o'clock|9:30|noon|2 pm|3:15 pm|5 pm|half past six|10 in the evening|midnight",
    "app": (
        "the editor|the terminal|email|the calendar|notifications|reports|code reviews|pull requests|"
        "commit messages|logs|dark mode|meetings|phone calls|video calls|spreadsheets|tabs|spaces|"
        "short answers|long explanations|bullet points"
    ),
}

REACTIONS = """
That's great, {name}! I'm so happy for you.|Wow, that sounds {quality}!|Congratulations, {name}!
I'm sorry to hear that.|Thanks, {name}, I really appreciate it.|Thank you for all your help!
That must have been {quality}.|No way, really?|How did it go?|What happened next?|Good luck with that!
I know how you feel.|That makes sense.|I can't wait to hear more.|Hey {name}, how are you?
Hi {name}! Long time no see. What's new?|Hello! How was your {weekday}?|Take care, {name}, talk soon!
See you {future}!|Bye, have a good night.|Sure, I'd love to!|Sounds like a plan.|Tell me all about it.
You're right, {name}.|I agree, {thing} is important.|I don't think so.|Not really, I prefer {food}.
Yes, I love {food}!|No, I have never been to {place}.|That's a {quality} picture! Where was it taken?
What a {quality} view of the {nature}!|Nice {thing}! Where did you get it?|Your {animal} is so cute! What's its name?
You look {feeling} today.|Keep going, you can do it!|I believe in you, {name}.
I totally get it, it can be {quality} sometimes.|How are the kids doing?|How is your {relative} feeling?
It was so {quality}!|Any plans for {holiday}?|What do you do to relax?|What are you working on at the moment?
Do you have any tips for {topic}?|Here is a photo of my {thing}.|I took this picture in {place}.
This {thing} reminds me of my {relative}.|Check out this {thing}!|Thanks! It took me {number} hours to make.
It means a lot to me.|Being with my {relative} makes me {feeling}.|{topic} helps me when I feel {feeling}.
I've always been into {topic}.|My {relative} taught me everything about {topic}.
"""

FACTS = """
My name is {name} and I live in {place}.|I'm {age} years old.|My birthday is on {date}.|I have {number} {relative}s.
{name}'s {relative} is {a_job}.|{name} is from {place}.|{name} was born in {place} in {year}.
{name} lives near the {nature}.|My favourite food is {food}.|My favourite colour is {colour}.
My favourite {kind} is the {thing}.|{name}'s favourite animal is the {animal}.|I'm allergic to {food}.
{name} is allergic to {food} and {food}.|{name} doesn't eat {food}.|I can't stand {food}.
I like {food} more than {food}.|{name} prefers {drink} to {drink}.|I love {topic}, but I hate {topic}.
{name} is afraid of {animal}s.|I have {an_animal} named {name}.|{name} has {number} pets: {an_animal} and {an_animal}.
The {animal} is {age} months old.|{name} is married to {name}.|{name} and {name} are {feeling} together.
{name} has known {name} for {number} years.|{name} works as {a_job} at {company}.|My boss is called {name}.
{name} studies {topic} in {place}.|{name} speaks {language} and {language}.
The meeting with {name} is on {weekday} at {hour}.|The deadline for the {thing} is {date}.
The flight to {place} leaves at {hour}.|The {thing} cost {number} dollars.|The {thing} is in the {room}.
The keys are under the {thing}.|The wifi password is written on the {thing}.
The {event_noun} in {place} was {quality}.|The {food} at the restaurant was {quality}.
The weather in {place} is {quality} in {season}.|The user prefers {app} over {app}.
The user wants {app} in the morning.|User dislikes {app}.|Always use {tech} for the {software}.
We decided to use {tech} instead of {tech} for the {software}.|The {software} is written in {tech}.
The {software} fails when the {thing} is empty.|The {software} runs on port {number}.|Never deploy on {weekday}.
{name} owns the {software}.|The bug in the {software} was caused by {tech}.|The {software} must be finished by {date}.
The release is planned for {month} {year}.|The {software} takes {number} seconds to start.
To run the {software}, install {tech} first.|The root cause was a timeout in the {software}.
Budget for the {event_noun}: {number} dollars.|{Kind} such as the {thing} can be {quality}.
{topic} and {topic} are related.|The difference between {topic} and {topic} is {quality}.
{name} is a {quality} {job}..|{name} believes in {topic}.|{name}'s hobby is {topic}.|{name} has a {colour} {thing}.
"""

QUESTIONS = """
What is {name}'s favourite {kind}?|What does {name} do for work?|Where does {name} live?|Where is {name} from?
How old is {name}?|When is {name}'s birthday?|How many {relative}s does {name} have?
What is the name of {name}'s {animal}?|Who is {name} married to?|What food is {name} allergic to?
What instrument does {name} play?|What kind of {kind} does {name} like?|Which country did {name} visit?
What did {name} buy {past}?|What did {name} and {name} do {past}?|What are {name}'s plans for {holiday}?
What does {name} think about {topic}?|Why is {name} {feeling}?|How does {name} feel about {topic}?
What inspired {name} to study {topic}?|What helps {name} relax?|Where did {name} find the {thing}?
What did {name} give to {name}?|Who taught {name} about {topic}?|What happened to {name}'s {thing}?
What are {name}'s hobbies?|What pets does {name} have?|What books has {name} read?|Which languages does {name} speak?
What do {name} and {name} have in common?|Would {name} enjoy {topic}?|What career might {name} choose?
What did {name}'s {relative} say?|When did {name} get {their} {thing}?
How long have {name} and {name} known each other?|How often does {name} visit {place}?|Which {software} uses {tech}?
Why did we choose {tech}?|Who owns the {software}?|When is the deadline for the {thing}?|How do I run the {software}?
What does the user prefer, {app} or {app}?|Which port does the {software} use?|What caused the bug in the {software}?
Where are the keys?|What is {topic}?|What is the meaning of {topic}?|How does {a_thing} work?
What is {a_thing} used for?|Where can I buy {a_thing}?
"""
