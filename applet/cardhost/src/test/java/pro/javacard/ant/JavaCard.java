package pro.javacard.ant;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.tools.ant.DynamicAttribute;
import org.apache.tools.ant.DynamicElement;
import org.apache.tools.ant.Task;

/** Stands in for ant-javacard's task of this name: keeps what it is given, and converts nothing. */
public final class JavaCard extends Task implements DynamicAttribute, DynamicElement {
  /** What the last task that ran was given: its own attributes under "javacard". */
  public static final List<Element> RUN = new ArrayList<>();

  private final Element own = new Element("javacard");
  private final List<Element> all = new ArrayList<>(List.of(own));

  /** One element with its attributes. */
  public final class Element implements DynamicAttribute, DynamicElement {
    private final String name;
    private final Map<String, String> attributes = new TreeMap<>();

    Element(String name) {
      this.name = name;
    }

    public String name() {
      return name;
    }

    public Map<String, String> attributes() {
      return attributes;
    }

    @Override
    public void setDynamicAttribute(String attribute, String value) {
      attributes.put(attribute, value);
    }

    @Override
    public Object createDynamicElement(String element) {
      Element inner = new Element(element);
      all.add(inner);
      return inner;
    }
  }

  @Override
  public void setDynamicAttribute(String attribute, String value) {
    own.setDynamicAttribute(attribute, value);
  }

  @Override
  public Object createDynamicElement(String element) {
    return own.createDynamicElement(element);
  }

  @Override
  public void execute() {
    RUN.clear();
    RUN.addAll(all);
  }
}
