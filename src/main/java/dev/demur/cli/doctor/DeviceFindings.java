package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.demur.cli.terminal.Bytes;
import dev.demur.llama.Device;
import java.util.ArrayList;
import java.util.List;

/** Devices as {@code doctor} shows them. */
public final class DeviceFindings {

    private DeviceFindings() {}

    public static JsonArray json(List<Device> devices) {
        JsonArray array = new JsonArray();
        for (Device device : devices) {
            JsonObject json = new JsonObject();
            json.addProperty("name", device.name());
            json.addProperty("description", device.description());
            json.addProperty("type", device.type());
            json.addProperty("memoryFree", device.memoryFree());
            json.addProperty("memoryTotal", device.memoryTotal());
            array.add(json);
        }
        return array;
    }

    /** What {@link #json} made of them. */
    public static List<Device> parse(JsonArray array) {
        List<Device> devices = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject json = element.getAsJsonObject();
            devices.add(new Device(
                    json.get("name").getAsString(),
                    json.get("description").getAsString(),
                    json.get("type").getAsString(),
                    json.get("memoryFree").getAsLong(),
                    json.get("memoryTotal").getAsLong()));
        }
        return devices;
    }

    public static String text(Device device) {
        return device.name() + ": " + device.description() + " (" + device.type() + ")" + memory(device);
    }

    /** llama.cpp does not tell for every device. */
    private static String memory(Device device) {
        return device.memoryTotal() <= 0
                ? ""
                : ", " + Bytes.text(device.memoryFree()) + " of " + Bytes.text(device.memoryTotal()) + " free";
    }
}
