"""Texts without anything private, in English, Arabic and code: whatever is found is a false alarm.

They are of the kinds that were seen to be taken for something else: names of services
and versions, identifiers, headings, sayings, and famous people and places in questions
that anybody could ask.
"""

from __future__ import annotations

ENGLISH = (
    "Explain the C4 model and when a container diagram is enough.",
    "Copy the build from S3 to EKS, then roll back to v2.14.3 if the health check fails.",
    "Is Python 3.11.7 faster than 3.10, and does numpy 2.4.6 need it?",
    "The request 7f9c2ba4-e88f-11ee-a951-0242ac120002 failed with status 503 after 1200 ms.",
    "When did Albert Einstein publish the theory of general relativity?",
    "Compare how Mozart and Beethoven use the sonata form.",
    "What is the capital of France, and how many people live in it?",
    "Which of Shakespeare's plays is the shortest?",
    "Why did the Roman Empire fall? Give three reasons in one paragraph.",
    "Dear Sir or Madam, thank you for your kind letter. Yours faithfully",
    "Turn 98.6 degrees Fahrenheit into Celsius and round to one digit.",
    "Add 1 1/2 cups of flour, 3 eggs and 200 g of sugar; bake for 45 minutes at 180 degrees.",
    "The train leaves at 10:45 from platform 9 and arrives at 12:30.",
    "May I ask which mark you would grant this essay? Will it pass?",
    "Grace and patience are virtues; hope is one as well, and so is faith.",
    "Our revenue rose by 12.5 % to 4,300,000 dollars in the third quarter of 2023.",
    "Order 66 units of part number RX-7800 and 12 of GTX-1080.",
    "Chapter 4, section 2: how bridges carry loads of 40 tonnes.",
    "In May the roses bloom, and in August the wheat is ripe.",
    "Summarise the plot of Hamlet in two sentences.",
    "What does HTTP status 404 mean, and how does it differ from 410?",
    "Newton's second law says that force is mass times acceleration.",
    "Write a haiku about autumn rain on a tin roof.",
    "Is a Java virtual machine the same as a Docker container?",
    "How do I season a cast iron pan without smoke?",
    "The Doppler effect shifts the pitch of a siren that goes by.",
    "Monday is a holiday, so the meeting moves to Tuesday at 3 pm.",
    "Translate into German: the bank of the river was washed out.",
    "He said that the market street shops open early on weekdays.",
    "A 16-bit register holds values from 0 to 65535; 0xFFFF is the largest.",
    "Which vitamins are in 100 grams of raw spinach?",
    "My washing machine shows error E21. What could be wrong with it?",
    "Explain Bayes' theorem to a child of ten with coloured marbles.",
    "Who was the first person to walk on the moon?",
    "Do cats dream? Answer in one sentence.",
    "The US and the UK spell colour and centre in different ways.",
)

ARABIC = (
    "ما عاصمة فرنسا، وكم عدد سكانها؟",
    "اشرح نظرية النسبية العامة لأينشتاين بكلمات سهلة.",
    "متى كتب نجيب محفوظ ثلاثيته المشهورة؟",
    "ما الفرق بين الجسر المقوس والجسر المعلق؟",
    "كيف أطبخ الأرز في ٢٠ دقيقة لأربعة أشخاص؟",
    "اكتب قصيدة قصيرة عن المطر في الخريف.",
    "يغادر القطار الساعة ١٠:٤٥ من الرصيف ٩.",
    "ارتفعت الأرباح بنسبة ١٢٫٥٪ في الربع الثالث من عام ٢٠٢٣.",
    "ما معنى رمز الخطأ ٤٠٤ في المتصفح؟",
    "السلام عليكم ورحمة الله، كيف حالك اليوم؟",
    "هل الإصدار 3.11 من بايثون أسرع من 3.10؟",
    "لخص كتاب كليلة ودمنة في جملتين.",
    "الصبر جميل والأمل كريم والعمل عبادة.",
    "من أول إنسان مشى على القمر؟",
    "ترجم إلى الإنجليزية: انهارت ضفة النهر بعد السيل.",
    "ما أسباب سقوط الدولة الرومانية؟",
    "اجتماع الفريق يوم الاثنين الساعة الثالثة بعد الظهر.",
    "كم فيتاميناً في ١٠٠ غرام من السبانخ؟",
)

CODE = (
    "def mean(values: list[float]) -> float:\n    return sum(values) / len(values)\n",
    'const config = { id: "b1946ac9-2492-4d23-8f1a-3c2d5e6f7a8b", retries: 3, port: 8080 };',
    "SELECT name, count(*) FROM orders WHERE created_at > now() - interval '7 days' GROUP BY name;",
    "for (int i = 0; i < 1000000; ++i) { total += table[i % 4096]; }",
    "git revert 4f2d9c1 && git push origin main",
    "kubectl get pods -n kube-system --field-selector status.phase=Running",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709\nFix the parser for 1.2.3-rc.4",
    "npm install react@18.3.1 typescript@5.4.5 --save-dev",
    'int main(void) { printf("%d\\n", 42); return 0; }',
    "@media (max-width: 1280px) { .card { margin: 0 16px 24px; color: #1a2b3c; } }",
    "assert parse('2024-01-15T10:30:00Z').year == 2024",
    "docker run -p 8080:80 --memory 512m nginx:1.25.3-alpine",
)

CLEAN: dict[str, tuple[str, ...]] = {"english": ENGLISH, "arabic": ARABIC, "code": CODE}
"""Kind of text -> texts."""
