package dev.demur.desktop;

import java.awt.Component;
import java.io.File;
import java.nio.file.Path;
import javax.swing.JFileChooser;
import javax.swing.filechooser.FileNameExtensionFilter;
import org.jspecify.annotations.Nullable;

/** Has a person choose a file. */
interface FileChoice {

    /**
     * A file to read.
     *
     * @param title what for
     * @param kind the name of such files
     * @param folder where to begin; null: anywhere
     * @param endings what their names may end with, without the point
     * @return null: none was chosen
     */
    @Nullable
    Path open(Component parent, String title, String kind, @Nullable Path folder, String... endings);

    /**
     * A file to write; whether one that is there is replaced is not asked here.
     *
     * @param suggestion where it might go
     * @return null: none was chosen
     */
    @Nullable
    Path save(Component parent, String title, Path suggestion);

    /** The system's way: dialogs of Swing. */
    FileChoice DIALOGS = new FileChoice() {

        /** Where a file was chosen last. */
        private @Nullable File last;

        @Override
        public @Nullable Path open(
                Component parent, String title, String kind, @Nullable Path folder, String... endings) {
            JFileChooser chooser = new JFileChooser(folder == null ? last : folder.toFile());
            chooser.setDialogTitle(title);
            chooser.setFileFilter(new FileNameExtensionFilter(kind, endings));
            return chooser.showOpenDialog(parent) == JFileChooser.APPROVE_OPTION
                    ? path(chooser.getSelectedFile())
                    : null;
        }

        @Override
        public @Nullable Path save(Component parent, String title, Path suggestion) {
            JFileChooser chooser = new JFileChooser(last);
            chooser.setDialogTitle(title);
            File folder = chooser.getCurrentDirectory();
            chooser.setSelectedFile(
                    suggestion.isAbsolute() ? suggestion.toFile() : new File(folder, suggestion.toString()));
            return chooser.showSaveDialog(parent) == JFileChooser.APPROVE_OPTION
                    ? path(chooser.getSelectedFile())
                    : null;
        }

        private @Nullable Path path(@Nullable File file) {
            if (file == null) {
                return null;
            }
            last = file.getAbsoluteFile().getParentFile();
            return file.toPath();
        }
    };
}
