diff --git a/src/f0.c b/src/f0.c
--- a/src/f0.c
+++ b/src/f0.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f1.c b/src/f1.c
--- a/src/f1.c
+++ b/src/f1.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f2.c b/src/f2.c
--- a/src/f2.c
+++ b/src/f2.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f3.c b/src/f3.c
--- a/src/f3.c
+++ b/src/f3.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f4.c b/src/f4.c
--- a/src/f4.c
+++ b/src/f4.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f5.c b/src/f5.c
--- a/src/f5.c
+++ b/src/f5.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f6.c b/src/f6.c
--- a/src/f6.c
+++ b/src/f6.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f7.c b/src/f7.c
--- a/src/f7.c
+++ b/src/f7.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f8.c b/src/f8.c
--- a/src/f8.c
+++ b/src/f8.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f9.c b/src/f9.c
--- a/src/f9.c
+++ b/src/f9.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f10.c b/src/f10.c
--- a/src/f10.c
+++ b/src/f10.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f11.c b/src/f11.c
--- a/src/f11.c
+++ b/src/f11.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f12.c b/src/f12.c
--- a/src/f12.c
+++ b/src/f12.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f13.c b/src/f13.c
--- a/src/f13.c
+++ b/src/f13.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f14.c b/src/f14.c
--- a/src/f14.c
+++ b/src/f14.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f15.c b/src/f15.c
--- a/src/f15.c
+++ b/src/f15.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f16.c b/src/f16.c
--- a/src/f16.c
+++ b/src/f16.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f17.c b/src/f17.c
--- a/src/f17.c
+++ b/src/f17.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f18.c b/src/f18.c
--- a/src/f18.c
+++ b/src/f18.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f19.c b/src/f19.c
--- a/src/f19.c
+++ b/src/f19.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f20.c b/src/f20.c
--- a/src/f20.c
+++ b/src/f20.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f21.c b/src/f21.c
--- a/src/f21.c
+++ b/src/f21.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f22.c b/src/f22.c
--- a/src/f22.c
+++ b/src/f22.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f23.c b/src/f23.c
--- a/src/f23.c
+++ b/src/f23.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f24.c b/src/f24.c
--- a/src/f24.c
+++ b/src/f24.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f25.c b/src/f25.c
--- a/src/f25.c
+++ b/src/f25.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f26.c b/src/f26.c
--- a/src/f26.c
+++ b/src/f26.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f27.c b/src/f27.c
--- a/src/f27.c
+++ b/src/f27.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f28.c b/src/f28.c
--- a/src/f28.c
+++ b/src/f28.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f29.c b/src/f29.c
--- a/src/f29.c
+++ b/src/f29.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f30.c b/src/f30.c
--- a/src/f30.c
+++ b/src/f30.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f31.c b/src/f31.c
--- a/src/f31.c
+++ b/src/f31.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f32.c b/src/f32.c
--- a/src/f32.c
+++ b/src/f32.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f33.c b/src/f33.c
--- a/src/f33.c
+++ b/src/f33.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f34.c b/src/f34.c
--- a/src/f34.c
+++ b/src/f34.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f35.c b/src/f35.c
--- a/src/f35.c
+++ b/src/f35.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f36.c b/src/f36.c
--- a/src/f36.c
+++ b/src/f36.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f37.c b/src/f37.c
--- a/src/f37.c
+++ b/src/f37.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f38.c b/src/f38.c
--- a/src/f38.c
+++ b/src/f38.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f39.c b/src/f39.c
--- a/src/f39.c
+++ b/src/f39.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f40.c b/src/f40.c
--- a/src/f40.c
+++ b/src/f40.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f41.c b/src/f41.c
--- a/src/f41.c
+++ b/src/f41.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f42.c b/src/f42.c
--- a/src/f42.c
+++ b/src/f42.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f43.c b/src/f43.c
--- a/src/f43.c
+++ b/src/f43.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f44.c b/src/f44.c
--- a/src/f44.c
+++ b/src/f44.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f45.c b/src/f45.c
--- a/src/f45.c
+++ b/src/f45.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f46.c b/src/f46.c
--- a/src/f46.c
+++ b/src/f46.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f47.c b/src/f47.c
--- a/src/f47.c
+++ b/src/f47.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f48.c b/src/f48.c
--- a/src/f48.c
+++ b/src/f48.c
@@ -7 +7 @@
-old
+new
diff --git a/src/f49.c b/src/f49.c
--- a/src/f49.c
+++ b/src/f49.c
@@ -7 +7 @@
-old
+new
