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

/** A list that the evaluator takes as it is; see {@link MapValue}. Its elements are wrapped. */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
final class ListValue extends CelValue implements List<Object> {
    private static final CelType TYPE = ListType.create(SimpleType.DYN);
    private final List<Object> list;

    ListValue(List<? extends @Nullable Object> list) {
        this.list = list.stream().map(Values::toCel).toList();
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
        return list.contains(element);
    }

    @Override
    public Iterator<Object> iterator() {
        return list.iterator();
    }

    @Override
    public Object[] toArray() {
        return list.toArray();
    }

    @Override
    public <T> T[] toArray(T[] array) {
        return list.toArray(array);
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
        return list.containsAll(elements);
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
        return list.get(index);
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
        return list.indexOf(element);
    }

    @Override
    public int lastIndexOf(Object element) {
        return list.lastIndexOf(element);
    }

    @Override
    public ListIterator<Object> listIterator() {
        return list.listIterator();
    }

    @Override
    public ListIterator<Object> listIterator(int index) {
        return list.listIterator(index);
    }

    @Override
    public List<Object> subList(int from, int to) {
        return list.subList(from, to);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return list.equals(other);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }

    /** What is in it may be secret. */
    @Override
    public String toString() {
        return "list of " + size();
    }
}
