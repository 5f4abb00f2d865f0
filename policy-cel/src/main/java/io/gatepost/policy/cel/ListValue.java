package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import org.jspecify.annotations.Nullable;

/** A list that the evaluator takes as it is; see {@link MapValue}. Elements are wrapped when they are asked for. */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
class ListValue extends CelValue implements List<Object> {
    private static final CelType TYPE = ListType.create(SimpleType.DYN);
    private final List<? extends @Nullable Object> list;

    ListValue(List<? extends @Nullable Object> list) {
        this.list = list;
    }

    List<? extends @Nullable Object> raw() {
        return list;
    }

    /** An element, as the evaluator wants it. */
    Object wrapped(@Nullable Object element) {
        return Values.toCel(element);
    }

    private List<Object> all() {
        return list.stream().map(this::wrapped).toList();
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return isEmpty();
    }

    @Override
    public CelType celType() {
        return TYPE;
    }

    @Override
    public int size() {
        return list.size();
    }

    @Override
    public boolean isEmpty() {
        return list.isEmpty();
    }

    @Override
    public boolean contains(Object element) {
        return list.contains(element) || all().contains(element);
    }

    @Override
    public Iterator<Object> iterator() {
        Iterator<? extends @Nullable Object> elements = list.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return elements.hasNext();
            }

            @Override
            public Object next() {
                return wrapped(elements.next());
            }
        };
    }

    @Override
    public Object[] toArray() {
        return all().toArray();
    }

    @Override
    public <T> T[] toArray(T[] array) {
        return all().toArray(array);
    }

    @Override
    public boolean add(Object element) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean remove(Object element) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean containsAll(Collection<?> elements) {
        return all().containsAll(elements);
    }

    @Override
    public boolean addAll(Collection<?> elements) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean addAll(int index, Collection<?> elements) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean removeAll(Collection<?> elements) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean retainAll(Collection<?> elements) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object get(int index) {
        return wrapped(list.get(index));
    }

    @Override
    public Object set(int index, Object element) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void add(int index, Object element) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object remove(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int indexOf(Object element) {
        return all().indexOf(element);
    }

    @Override
    public int lastIndexOf(Object element) {
        return all().lastIndexOf(element);
    }

    @Override
    public ListIterator<Object> listIterator() {
        return all().listIterator();
    }

    @Override
    public ListIterator<Object> listIterator(int index) {
        return all().listIterator(index);
    }

    @Override
    public List<Object> subList(int from, int to) {
        return all().subList(from, to);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof List<?> && all().equals(other);
    }

    @Override
    public int hashCode() {
        return all().hashCode();
    }

    /** What is in it may be secret. */
    @Override
    public String toString() {
        return "list of " + size();
    }
}
