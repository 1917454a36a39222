package dev.demur.desktop;

import java.nio.file.Path;

/** The application in a process of its own, which is killed while it writes an answer. */
final class DesktopProbe {

    private DesktopProbe() {}

    /** @param args the folder, the model and a prompt */
    public static void main(String[] args) throws Exception {
        OpenWindow open =
                OpenWindow.in(Path.of(args[0])).model(Path.of(args[1])).ready();
        Driving.type(open.frame(), "composer", args[2]);
        Driving.click(open.frame(), "send");
        Driving.await(
                "some text",
                () -> open.desk.answers().writing() != null
                        && open.desk.answers().last().text().length() > 40);
        System.out.println("writing");
        System.out.flush();
        Thread.sleep(Long.MAX_VALUE);
    }
}
