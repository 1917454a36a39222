package dev.demur.fit;

import dev.demur.dataset.LabelledPrompt;
import dev.demur.llama.Message;
import dev.demur.readout.Wording;
import dev.demur.scoring.pass.PromptRow;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt in one of its forms.
 *
 * @param prompt as the data have it
 * @param form how it is put
 * @param wording in which words it is read
 * @param number of the row among all that are read, from 0
 * @param plain the number of the row with the same prompt as it is
 * @param label the index of its label
 * @param weight in the fit
 */
record FitRow(LabelledPrompt prompt, Form form, Wording wording, int number, int plain, int label, double weight)
        implements PromptRow {

    /** The same prompt in another form, as the next row. */
    FitRow in(Form other) {
        return new FitRow(prompt, other, wording, number + 1, plain, label, weight);
    }

    FitRow atHalfWeight() {
        return new FitRow(prompt, form, wording, number, plain, label, weight / 2);
    }

    @Override
    public long line() {
        return prompt.line();
    }

    @Override
    public String text() {
        return wording.of(form.reword(prompt.text()));
    }

    List<Message> messages() {
        List<Message> messages = new ArrayList<>(form.before());
        messages.add(Message.user(text()));
        return messages;
    }
}
