package dev.demur.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Dates and times in C's notation, in English. */
final class Strftime {

    private Strftime() {}

    static Text format(Run run, Text format, LocalDateTime time) {
        TextBuilder out = new TextBuilder(run);
        String string = format.string();
        int at = 0;
        while (at < string.length()) {
            int percent = string.indexOf('%', at);
            if (percent < 0 || percent == string.length() - 1) {
                break;
            }
            out.append(format, at, percent);
            boolean unpadded = string.charAt(percent + 1) == '-' && percent + 2 < string.length();
            char field = string.charAt(percent + (unpadded ? 2 : 1));
            String written = field(time, field);
            out.append(unpadded ? withoutZeros(written) : written, format.markAt(percent));
            at = percent + (unpadded ? 3 : 2);
        }
        out.append(format, at, string.length());
        return out.text();
    }

    private static String withoutZeros(String number) {
        int from = 0;
        while (from < number.length() - 1 && (number.charAt(from) == '0' || number.charAt(from) == ' ')) {
            from++;
        }
        return number.substring(from);
    }

    private static String field(LocalDateTime time, char field) {
        return switch (field) {
            case 'Y' -> String.valueOf(time.getYear());
            case 'y' -> padded(time.getYear() % 100, 2);
            case 'C' -> padded(time.getYear() / 100, 2);
            case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'm' -> padded(time.getMonthValue(), 2);
            case 'd' -> padded(time.getDayOfMonth(), 2);
            case 'e' -> (time.getDayOfMonth() < 10 ? " " : "") + time.getDayOfMonth();
            case 'j' -> padded(time.getDayOfYear(), 3);
            case 'V' -> padded(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
            case 'H' -> padded(time.getHour(), 2);
            case 'I' -> padded(time.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2);
            case 'M' -> padded(time.getMinute(), 2);
            case 'S' -> padded(time.getSecond(), 2);
            case 'f' -> padded(time.getNano() / 1000, 6);
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> field(time, 'A').substring(0, 3);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> field(time, 'B').substring(0, 3);
            case 'F' -> field(time, 'Y') + "-" + field(time, 'm') + "-" + field(time, 'd');
            case 'D', 'x' -> field(time, 'm') + "/" + field(time, 'd') + "/" + field(time, 'y');
            case 'T', 'X' -> field(time, 'H') + ":" + field(time, 'M') + ":" + field(time, 'S');
            case 'R' -> field(time, 'H') + ":" + field(time, 'M');
            case 'c' ->
                field(time, 'a') + " " + field(time, 'b') + " " + field(time, 'e') + " " + field(time, 'T') + " "
                        + field(time, 'Y');
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> throw Failure.value("strftime_now does not know %" + field);
        };
    }

    private static String padded(int number, int digits) {
        String written = String.valueOf(number);
        return "0".repeat(Math.max(0, digits - written.length())) + written;
    }
}
