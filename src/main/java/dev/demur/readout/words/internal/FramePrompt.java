package dev.demur.readout.words.internal;

import dev.demur.DemurException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.TextEncoder;
import dev.demur.llama.internal.TextEncoder.Piece;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.internal.FrameSpec.Asked;
import dev.demur.readout.words.internal.FrameSpec.Line;
import dev.demur.readout.words.internal.FrameSpec.Turns;
import dev.demur.readout.words.internal.FrameText.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a frame asks about a conversation, for one model. Thread-safe. */
final class FramePrompt {

    private final FrameSpec frame;

    /** One for each category that is asked for by itself, else one alone; none for a text that the frame has whole. */
    private final List<ChatTemplate> templates = new ArrayList<>();

    /**
     * A prompt.
     *
     * @param template renders messages of the frame's own
     * @throws FrameException if the frame needs a chat template of the model's file, and that has none that can be read
     */
    FramePrompt(FrameSpec frame, LlamaModel model, @Nullable ChatTemplate template) {
        this.frame = frame;
        if (frame.prompt() instanceof FrameSpec.Template own) {
            try {
                for (Asked asked : frame.each()) {
                    templates.add(ChatTemplate.program(model.runtime(), model.file(), told(own.variables(), asked)));
                }
                if (templates.isEmpty()) {
                    templates.add(ChatTemplate.program(model.runtime(), model.file(), own.variables()));
                }
            } catch (IllegalArgumentException | DemurException e) {
                throw new FrameException(
                        "the frame " + frame.name() + " asks by the model's own chat template: " + e.getMessage(), e);
            }
        } else if (frame.prompt() instanceof FrameSpec.Chat) {
            if (template == null) {
                throw new FrameException(
                        "the frame " + frame.name() + " needs a chat template, and the model has none");
            }
            templates.add(template);
        }
    }

    private static Map<String, @Nullable Object> told(Map<String, ? extends @Nullable Object> variables, Asked asked) {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        variables.forEach((name, value) -> told.put(name, told(value, asked)));
        return told;
    }

    private static @Nullable Object told(@Nullable Object value, Asked asked) {
        if (value instanceof String text) {
            return text.replace("{{definition}}", asked.definition()).replace("{{name}}", asked.name());
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> all = new ArrayList<>();
            list.forEach(element -> all.add(told(element, asked)));
            return all;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            map.forEach((name, element) -> all.put(String.valueOf(name), told(element, asked)));
            return all;
        }
        return value;
    }

    /** What renders the chat template that is asked by; null for a text that the frame has whole. */
    ChatTemplate.@Nullable Renderer renderer() {
        return templates.isEmpty() ? null : templates.get(0).renderer();
    }

    /** How many questions there are for one conversation. */
    int questions() {
        return Math.max(1, frame.each().size());
    }

    /**
     * A question, as what is the frame's own and the template's, and what came from messages.
     *
     * @param question its number, counted from 0
     * @throws DemurException if the conversation lacks what the frame judges, or the template refuses it
     */
    List<Piece> pieces(List<Message> messages, int question) {
        Asked asked = frame.each().isEmpty() ? null : frame.each().get(question);
        if (frame.prompt() instanceof FrameSpec.Template) {
            return TextEncoder.render(templates.get(asked == null ? 0 : question), spoken(messages));
        }
        if (frame.prompt() instanceof FrameSpec.Chat chat) {
            return chat(chat, messages, asked);
        }
        FrameSpec.Plain plain = (FrameSpec.Plain) frame.prompt();
        List<Piece> pieces = new ArrayList<>();
        fill(plain.text(), plain.turns(), messages, asked, pieces);
        return pieces;
    }

    /** What was said: a guard judges that, and not what the answering model was told to be, nor what was decided before. */
    private static List<Message> spoken(List<Message> messages) {
        List<Message> spoken = new ArrayList<>();
        for (Message message : messages) {
            if (message.role() != Message.Role.SYSTEM) {
                spoken.add(new Message(message.role(), message.content(), null));
            }
        }
        if (spoken.isEmpty()) {
            throw new DemurException("there is no message to judge: add one of the user");
        }
        return spoken;
    }

    private List<Piece> chat(FrameSpec.Chat chat, List<Message> messages, @Nullable Asked asked) {
        List<Message> lines = new ArrayList<>();
        Map<String, Piece> places = new LinkedHashMap<>();
        for (Line line : chat.lines()) {
            List<Piece> pieces = new ArrayList<>();
            fill(line.text(), chat.turns(), messages, asked, pieces);
            StringBuilder content = new StringBuilder();
            for (Piece piece : pieces) {
                if (piece.own()) {
                    content.append(piece.text());
                } else {
                    String place = "DemurPlace" + places.size() + "OfFrame";
                    places.put(place, piece);
                    content.append(place);
                }
            }
            lines.add(new Message(line.role(), content.toString(), null));
        }
        List<Piece> all = new ArrayList<>();
        for (Piece piece : TextEncoder.render(templates.get(0), lines)) {
            addWithPlaces(piece.text(), places, all);
        }
        long placed = all.stream().filter(piece -> !piece.own()).count();
        if (placed != places.size()) {
            throw new DemurException("the chat template does not write each part of the frame " + frame.name()
                    + " once: use another template, or a frame that has its text whole");
        }
        return all;
    }

    private static void addWithPlaces(String text, Map<String, Piece> places, List<Piece> all) {
        int from = 0;
        while (true) {
            int at = -1;
            String next = "";
            for (String place : places.keySet()) {
                int found = text.indexOf(place, from);
                if (found >= 0 && (at < 0 || found < at)) {
                    at = found;
                    next = place;
                }
            }
            Piece put = places.get(next);
            if (put == null) {
                all.add(new Piece(text.substring(from), true));
                return;
            }
            all.add(new Piece(text.substring(from, at), true));
            all.add(put);
            from = at + next.length();
        }
    }

    private void fill(FrameText text, Turns turns, List<Message> messages, @Nullable Asked asked, List<Piece> pieces) {
        for (Object part : text.parts()) {
            if (part instanceof String own) {
                pieces.add(new Piece(own, true));
                continue;
            }
            switch ((Place) part) {
                case LAST -> pieces.add(new Piece(last(messages), false));
                case REPLY -> pieces.add(new Piece(reply(messages), false));
                case CONVERSATION -> messages.forEach(message -> turn(turns, message, pieces));
                case DEFINITION -> pieces.add(new Piece(asked == null ? "" : asked.definition(), true));
                case NAME -> pieces.add(new Piece(asked == null ? "" : asked.name(), true));
                case TEXT -> throw new IllegalStateException("only a turn has a text");
            }
        }
    }

    private static void turn(Turns turns, Message message, List<Piece> pieces) {
        FrameText turn = turns.byRole().get(message.role());
        if (turn != null) {
            for (Object part : turn.parts()) {
                pieces.add(part instanceof String own ? new Piece(own, true) : new Piece(message.content(), false));
            }
        }
    }

    private String last(List<Message> messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role() == Message.Role.USER) {
                return messages.get(i).content();
            }
        }
        throw new DemurException(
                "the frame " + frame.name() + " judges the user's last message, and there is none: add one");
    }

    private String reply(List<Message> messages) {
        Message last = messages.get(messages.size() - 1);
        if (last.role() != Message.Role.ASSISTANT) {
            throw new DemurException("the frame " + frame.name()
                    + " judges a reply, and the conversation does not end with one: add the assistant's message");
        }
        return last.content();
    }
}
