package dev.demur.desktop.model;

import java.text.MessageFormat;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.ResourceBundle;

/** Everything that a person reads in the application, in one language. */
public final class Texts {

    /** The languages that there are texts in. */
    public static final List<String> LANGUAGES = List.of("en", "de");

    private static final int MOST_DIGITS = 12;

    private static final String BUNDLE = "dev.demur.desktop.Texts";

    private final ResourceBundle bundle;
    private final Locale locale;

    /** Texts from a bundle of one's own, with numbers as that language writes them. */
    public Texts(ResourceBundle bundle, Locale locale) {
        this.bundle = bundle;
        this.locale = locale;
    }

    /** The texts in a language; English where there are none in it. */
    public static Texts of(Locale locale) {
        Locale known = LANGUAGES.contains(locale.getLanguage()) ? locale : Locale.ENGLISH;
        ResourceBundle bundle = ResourceBundle.getBundle(
                BUNDLE, known, ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
        return new Texts(bundle, known);
    }

    /** The language that numbers are written in. */
    public Locale locale() {
        return locale;
    }

    /**
     * A text.
     *
     * @param arguments what stands for {@code {0}}, {@code {1}} and so on
     * @throws MissingResourceException if there is no such text
     */
    public String get(String key, Object... arguments) {
        String text = bundle.getString(key);
        return arguments.length == 0 ? text : new MessageFormat(text, locale).format(arguments);
    }

    /** A text, or another one where there is none of that name, as for a category that a model brings. */
    public String getOr(String key, String other) {
        return bundle.containsKey(key) ? bundle.getString(key) : other;
    }

    /** A share of 1 in per cent, with one digit behind the point where it is not whole. */
    public String percent(double share) {
        NumberFormat format = NumberFormat.getNumberInstance(locale);
        format.setMaximumFractionDigits(1);
        return get("percent", format.format(share * 100));
    }

    /** A probability and its threshold, with as many digits as it takes to see which side of it the probability is on. */
    public String compared(double probability, double threshold) {
        NumberFormat format = NumberFormat.getNumberInstance(locale);
        String one;
        String other;
        int digits = 1;
        do {
            format.setMaximumFractionDigits(digits++);
            one = format.format(probability * 100);
            other = format.format(threshold * 100);
        } while (one.equals(other) && probability != threshold && digits <= MOST_DIGITS);
        String key = probability >= threshold ? "category.reaches" : "category.below";
        return get(key, get("percent", one), get("percent", other));
    }

    /** A number with so many digits behind the point. */
    public String number(double value, int digits) {
        NumberFormat format = NumberFormat.getNumberInstance(locale);
        format.setMinimumFractionDigits(digits);
        format.setMaximumFractionDigits(digits);
        return format.format(value);
    }

    /** A number of bytes for people. */
    public String bytes(long bytes) {
        double mebibytes = bytes / (double) (1L << 20);
        return mebibytes < 1000
                ? get("bytes.mebi", number(mebibytes, mebibytes < 10 ? 1 : 0))
                : get("bytes.gibi", number(mebibytes / 1024, 1));
    }
}
