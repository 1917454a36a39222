@echo off
rem Runs Demur's command line on Windows, from a folder that holds the jars: target\app of a checkout that was built, or an
rem unpacked distribution. DEMUR_JAVA_HOME chooses the Java, DEMUR_JAVA_OPTS adds options to it.
setlocal DisableDelayedExpansion

rem Java gets its arguments in the system's code page, which cannot write every character; variables can.
set DEMUR_ARGUMENTS=%*

set "demur_home=%~dp0"
set "demur_app=%demur_home%"
if not exist "%demur_app%start.jar" set "demur_app=%demur_home%lib\"
if not exist "%demur_app%start.jar" set "demur_app=%demur_home%target\app\"
if not exist "%demur_app%start.jar" (
    echo demur: there is no start.jar in %demur_home% nor in its folders lib and target\app: build Demur first, or unpack it whole >&2
    exit /b 1
)

set "demur_java="
if defined DEMUR_JAVA_HOME set "demur_java=%DEMUR_JAVA_HOME%\bin\java.exe"
if not defined demur_java if exist "%demur_home%runtime\bin\java.exe" set "demur_java=%demur_home%runtime\bin\java.exe"
if not defined demur_java if defined JAVA_HOME if exist "%JAVA_HOME%\bin\java.exe" set "demur_java=%JAVA_HOME%\bin\java.exe"
if not defined demur_java for %%j in (java.exe) do if not "%%~$PATH:j"=="" set "demur_java=%%~$PATH:j"
if not defined demur_java (
    echo demur: needs Java 17 or later and none is installed here: install one, or set DEMUR_JAVA_HOME to its folder >&2
    exit /b 1
)
if not exist "%demur_java%" (
    echo demur: there is no %demur_java%: set DEMUR_JAVA_HOME to the folder of a Java 17 or later, or unset it >&2
    exit /b 1
)

rem By short names: Java is told its jar in the code page, too.
for %%f in ("%demur_app%start.jar") do set "demur_jar=%%~sf"
for %%f in ("%demur_home%.") do set "demur_home=%%~sf"

rem UTF-8 for what is printed; the console gets its own code page back.
set "demur_code_page="
for /f "tokens=2 delims=:." %%c in ('chcp 2^>nul') do set "demur_code_page=%%c"
if defined demur_code_page chcp 65001 >nul 2>nul

"%demur_java%" -Xshare:auto -XX:+UseSerialGC -XX:-UsePerfData -Xms16m -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 %DEMUR_JAVA_OPTS% "-Ddemur.home=%demur_home%" -Ddemur.binding.default=jni -jar "%demur_jar%" %*
set "demur_status=%ERRORLEVEL%"
if defined demur_code_page chcp %demur_code_page% >nul 2>nul
exit /b %demur_status%
