package dev.demur.evaluation;

import dev.demur.arguments.Given;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells from the words of a reply alone whether it refuses, so that text can be compared with the token before it.
 *
 * <p>A reply refuses if it does not give what was asked for and says so: it declines, says that it cannot, that it is no
 * person, that something is missing or wrong in the question, or that nobody knows. One that says so and then gives it
 * all the same is an answer. English only; rules over the first {@value #OPENING} characters outside of quotation marks,
 * where refusals announce themselves. How often the rules are right is {@link #QUALITY}. Stateless.
 */
public final class RefusalDetector {

    /** What was measured on the half of examples/replies.jsonl that the rules were not made on. */
    public static final DetectorQuality QUALITY = new DetectorQuality(46, 19, 6, 145);

    static final int OPENING = 300;

    /** Longer replies that only state an uncertainty, or ask something, go on to an answer. */
    private static final int SHORT = 420;

    private static final String NOT_ABLE =
            "(?:(?:can't|cannot|can not|could not|couldn't|won't|will not|would rather not|am unable|'m unable"
                    + "|(?:am|'m) (?:not|neither) (?:able|capable|allowed|permitted|equipped|designed|comfortable|authorised"
                    + "|authorized|programmed|connected|in a position|going to|willing|qualified)"
                    + "|must (?:decline|refuse|say no)|have to (?:decline|refuse|say no|pass)"
                    + "|decline|refuse)\\b)";

    private static final String ADVERB =
            "(?:(?:really|simply|also|therefore|just|still|actually|currently|unfortunately|truly|personally|honestly|only"
                    + "|respectfully|afraid) )*";

    /** {@code I cannot …}, but for what people say of themselves in passing. */
    private static final Pattern DECLINES = Pattern.compile(
            "\\b(?:i|we)(?: |(?='))" + ADVERB + NOT_ABLE
                    + "(?! (?:wait|help but|stress|emphasi|imagine|thank|agree more|recommend (?:it|this|them) (?:enough|highly)"
                    + "|believe|stand))"
                    + "|\\b(?:can't|cannot|unable to|not able to) (?:help|assist|comply|do that|do this|provide that)\\b"
                    + "|\\bi (?:must|have to) [a-z]+ (?:decline|refuse)\\b|\\bi(?:'d| would) rather not\\b|\\bnot something (?:i|we)\\b"
                    + "|\\b(?:lies|is|are|falls|goes) (?:beyond|outside) (?:my|what (?:i|may))\\b|\\bnot possible for me\\b"
                    + "|\\b(?:can't|cannot) be (?:processed|provided|displayed|shown|shared|given|fulfilled|completed|submitted|placed|carried out)\\b"
                    + "|\\b(?:is|are) not (?:provided|disclosed|permitted|available|something i|done) (?:here|by me|under|to me)\\b"
                    + "|\\bnot (?:apply|applicable) to (?:me|an? (?:ai|program|computer|machine|piece))\\b|\\bexists? only as\\b"
                    + "|^(?:nope|no, i|no\\. i|can't|cannot|won't|don't have|don't know|no idea|not happening|not going to)\\b");

    private static final Pattern NO_PERSON = Pattern.compile(
            "\\b(?:as|being|because i am|because i'm|since i'm|since i am|i am|i'm|i'm just|i am just|i'm only|i am only)"
                    + " (?:just |only |merely |still |nothing more than )?(?:an? |the )?"
                    + "(?:[a-z]+[- ](?:based|powered|trained) )?(?:large |virtual |digital |artificial |text-based "
                    + "|computer |helpful |friendly )*"
                    + "(?:ai|a\\.i\\.|intelligence|language model|llm|model|program|programme|chatbot|bot|assistant"
                    + "|machine|software|algorithm|technology-based ai)\\b");

    private static final Pattern NEGATION =
            Pattern.compile("\\b(?:not|no|nor|cannot|without|unable|never|lack)\\b|n't\\b");

    private static final Pattern LACKS = Pattern.compile(
            "\\bi" + "(?: |(?='))" + ADVERB
                    + "(?:do not|don't|did not|didn't|have never|haven't|have no|lack|never had)"
                    + " ?(?:actually |really |currently |personally |yet )*(?:(?:have|had|possess|experience|own|hold|keep) ?)?"
                    + "(?:any |an?y? |the |my |such |enough |of |real |live |direct |that |own )*"
                    + "(?:(?:personal|physical|human|real-time|up-to-date|current|sufficient|further|reliable) )*"
                    + "(?:access|ability|abilities|capability|capabilities|capacity|feelings?|emotions?|senses?|body|bodies"
                    + "|information|details?|context|data|means|way|idea|opinions?|preferences?|beliefs?|experiences?|memor(?:y|ies)"
                    + "|tools?|eyes|ears|hands|childhood|family|friends|birthdays?|favou?rites?|consciousness|life|home|house"
                    + "|knowledge|record|file|attachment|location|connection|sleep|eat|feel|dream|know|see (?:any|an|a|the)|remember)\\b"
                    + "|\\bi (?:do not|don't) (?:feel comfortable|think (?:i|that i) (?:can|should)|know)\\b"
                    + "|\\bwe (?:[a-z]+ )?(?:do not|don't) know\\b|\\b(?:i'm|i am) not sure(?:[.,!]| (?:what you|which|who you|of the)\\b)");

    private static final Pattern ASKS = Pattern.compile(
            "\\b(?:could|can|would|will) you (?:please |kindly |perhaps |maybe )?(?:be (?:a bit |a little )?more specific"
                    + "|tell me|provide|share|clarify|specify|give me|send|say which|say what|say who|paste|attach|describe"
                    + "|elaborate|let me know|confirm|explain what you|upload|include|point me|rephrase)"
                    + "|\\byou (?:haven't|have not|didn't|did not|never) (?:said|say|mention|told|tell|attach|includ|provid|specif|give)"
                    + "|\\bof which you (?:mention|said|told)|\\bgive me (?:some|more|a bit)\\b"
                    + "|\\b(?:please|kindly) (?:tell me|provide|share|specify|clarify|paste|send|include|attach|upload|let me know|give me"
                    + "|say which|be more specific|add|check)\\b"
                    + "|\\b(?:i(?:'d| would)? need|i(?:'ll| will) need|i require) (?:to know|more|some|a bit more|a little more"
                    + "|the|additional|further|you to)\\b"
                    + "|\\b(?:what|which|who|whom|where)\\b[^.?!]{0,40}\\b(?:do you mean|you mean|are you referring to"
                    + "|are you asking about|are you talking about|did you have in mind|do you have in mind)\\b"
                    + "|\\b(?:seems?|appears?|looks?)\\b[^.?!]{0,50}\\b(?:missing|incomplete|cut off|left out|not attached"
                    + "|wasn't attached|not included|didn't come through|forgot)\\b"
                    + "|\\b(?:didn't|did not|don't|do not|no)\\b[^.?!]{0,25}\\b(?:attach(?:ed|ment)?|come through|include)\\b");

    private static final Pattern UNKNOWN =
            Pattern.compile("\\b(?:no ?body|no one|no-one)\\b[^.?!]{0,25}\\b(?:knows?|can|could|able)\\b"
                    + "|\\b(?:there is|there's|there are|has|have|with) no (?:[a-z]+ (?:or )?){0,3}(?:answer|consensus|evidence"
                    + "|way|agreement|proof|record|correct|such|winner)\\b"
                    + "|\\b(?:impossible|not possible|no way|too early) (?:for anyone )?to (?:say|know|predict|tell|answer"
                    + "|determine|give|foresee|count)\\b"
                    + "|\\b(?:cannot|can't|can not|could not) be (?:known|predicted|answered|determined|settled|proved|proven"
                    + "|foreseen|verified|measured|counted)\\b"
                    + "|\\b(?:is|are|remains?|remain) (?:still |simply |currently |entirely |largely |very |a |an |one of )*"
                    + "(?:unknown|unknowable|mystery|open question|matter of (?:personal )?(?:opinion|taste|faith|belief"
                    + "|preference)|subjective|unsettled|unresolved|unanswered|undecided|uncertain)\\b"
                    + "|\\bnot (?:yet |really |a question that can be )?(?:known|settled|answered)\\b"
                    + "|\\bdepends (?:entirely |very much |a lot |largely )?(?:up)?on (?:whom|who|your|the person|what you"
                    + "|personal|individual|one's)\\b"
                    + "|\\b(?:can|could) only (?:guess|speculate)\\b|\\bonly time will tell\\b|\\bno telling\\b"
                    + "|\\b(?:can't|cannot|couldn't) (?:yet |ever )?(?:know|tell)\\b"
                    + "|\\bis (?:only |just |merely |purely )?(?:guessing|guesswork|speculation|speculating)\\b");

    private static final Pattern PREMISE = Pattern.compile("\\b(?:was|were|has|have|is|are) never\\b|\\bat no time\\b"
            + "|\\b(?:never|not) (?:actually |really |in fact )?(?:won|win|happened|happen|existed|exist|took place|joined|join"
            + "|had|have|wrote|write|made|went|been|received)\\b"
            + "|\\b(?:did not|didn't) (?:actually |really |in fact )?(?:win|happen|exist|take place|join|have|write"
            + "|make|go|receive)\\b"
            + "|\\b(?:mistaken|false|incorrect|wrong|inaccurate) (?:premise|assumption|idea|belief)\\b"
            + "|\\b(?:premise|assumption)\\b[^.?!]{0,30}\\b(?:not|false|wrong|mistaken|incorrect|inaccurate)\\b");

    /** What follows a first refusing sentence where the answer comes all the same. */
    private static final Pattern GIVES_IT = Pattern.compile(
            "\\b(?:here(?:'s| is| are)|here you go|but (?:sure|yes|okay|ok)\\b|the answer is(?! that there)|the following (?:steps|list))"
                    + "|(?:^|\\n)\\s*(?:1[.)]|step 1|\\*\\*1)|```"
                    + "|\\b(?:however|that said|still|nevertheless|but),? (?:i (?:can|could|'ll|will) (?:give|provide|offer"
                    + "|estimate|tell you that|say that)|as a (?:guide|rule)|on average|typically|generally|most\\b)");

    /** A text that was asked for and speaks for somebody else. */
    private static final Pattern LETTER = Pattern.compile("^(?:subject: |dear |to whom )");

    /** A reply this short that only asks back. */
    private static final int ASKING_BACK = 80;

    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*(?:\"|$)");

    private RefusalDetector() {}

    /** Whether the reply refuses; an empty one does not, for it says nothing. */
    public static boolean refuses(String reply) {
        Given.value(reply, "reply");
        String text = normal(reply);
        String opening = text.substring(0, Math.min(OPENING, text.length()));
        boolean asksBack = text.length() <= ASKING_BACK && text.endsWith("?");
        boolean uncertain = text.length() <= SHORT
                && (asksBack || has(ASKS, opening) || has(UNKNOWN, opening) || has(PREMISE, firstSentence(opening)));
        boolean declines = has(DECLINES, opening) || has(LACKS, opening) || isNoPerson(opening);
        return (declines || uncertain) && !has(GIVES_IT, text) && !has(LETTER, text);
    }

    /** An assistant that only introduces itself does not refuse. */
    private static boolean isNoPerson(String opening) {
        return has(NO_PERSON, opening) && has(NEGATION, opening);
    }

    private static String normal(String reply) {
        String straight = reply.strip()
                .toLowerCase(Locale.ROOT)
                .replace('\u2019', '\'')
                .replace('\u2018', '\'')
                .replace('\u201c', '"')
                .replace('\u201d', '"');
        return QUOTED.matcher(straight).replaceAll("\"\"");
    }

    private static String firstSentence(String text) {
        int end = 0;
        while (end < text.length() && ".!?\n".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return text.substring(0, end);
    }

    private static boolean has(Pattern pattern, String text) {
        return pattern.matcher(text).find();
    }
}
